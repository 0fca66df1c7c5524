namespace ServingSim.Experiments.Results;

/// <summary>Reads labels in their written form, "model=GPT-4;service=api".</summary>
internal static class LabelText
{
    /// <summary>The value of a label, or null where there is none of that name.</summary>
    public static string? ValueOf(string labels, string name)
    {
        foreach (var range in labels.AsSpan().Split(';'))
        {
            var pair = labels.AsSpan(range);
            var equals = pair.IndexOf('=');
            if (equals >= 0 && pair[..equals].SequenceEqual(name))
            {
                return pair[(equals + 1)..].ToString();
            }
        }

        return null;
    }
}
