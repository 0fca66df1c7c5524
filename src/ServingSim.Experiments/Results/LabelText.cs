namespace ServingSim.Experiments.Results;

/// <summary>Reads labels in their written form, "model=GPT-4;service=api".</summary>
internal static class LabelText
{
    /// <summary>The value of a label, or null where there is none of that name.</summary>
    public static string? ValueOf(string labels, string name) =>
        TryFind(labels, name, out ReadOnlySpan<char> value) ? value.ToString() : null;

    /// <summary>Whether there is a label of that name with that value.</summary>
    public static bool Has(string labels, string name, string value) =>
        TryFind(labels, name, out ReadOnlySpan<char> found) && found.SequenceEqual(value);

    private static bool TryFind(string labels, string name, out ReadOnlySpan<char> value)
    {
        foreach (var range in labels.AsSpan().Split(';'))
        {
            var pair = labels.AsSpan(range);
            var equals = pair.IndexOf('=');
            if (equals >= 0 && pair[..equals].SequenceEqual(name))
            {
                value = pair[(equals + 1)..];
                return true;
            }
        }

        value = default;
        return false;
    }
}
