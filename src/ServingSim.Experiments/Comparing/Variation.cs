using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Comparing;

/// <summary>One <c>--vary path=a,b,c</c>: a value of the scenario, and what is tried in its place.</summary>
/// <param name="Path">Keys joined by dots.</param>
/// <param name="Values">The values, as YAML.</param>
public sealed record Variation(string Path, IReadOnlyList<string> Values)
{
    /// <summary>
    /// What a text says; throws <see cref="ScenarioException"/> if it says nothing. Commas inside brackets, braces or
    /// quotes do not part values.
    /// </summary>
    public static Variation Parse(string text)
    {
        int equals = text.IndexOf('=');
        string[] values = [.. Parts(text[(equals + 1)..]).Select(v => v.Trim())];
        if (equals <= 0 || values.Length == 0 || values.Contains(""))
        {
            throw new ScenarioException(
            [
                new ScenarioError("--vary " + text.ReplaceLineEndings(" "), "", "expected path=value,value,..."),
            ]);
        }

        return new Variation(text[..equals].Trim(), values);
    }

    /// <summary>
    /// What a table calls settings, each "path=value": as many last keys of their paths as tell them apart.
    /// </summary>
    public static string NameOf(IReadOnlyList<string> settings)
    {
        string[] paths = [.. settings.Select(s => s[..s.IndexOf('=')])];
        return string.Join(
            ' ', settings.Zip(paths, ShortNames(paths)).Select(s => s.Third + s.First[s.Second.Length..]));
    }

    /// <summary>Of each path as many last keys as tell it from the others.</summary>
    public static IReadOnlyList<string> ShortNames(IReadOnlyList<string> paths)
    {
        return [.. paths.Select(path => Ends(path).First(end => end == path || paths.Count(p => HasEnd(p, end)) == 1))];

        static IEnumerable<string> Ends(string path)
        {
            string[] keys = path.Split('.');
            return Enumerable.Range(1, keys.Length).Select(last => string.Join('.', keys.TakeLast(last)));
        }

        static bool HasEnd(string path, string end) => $".{path}".EndsWith($".{end}", StringComparison.Ordinal);
    }

    /// <summary>Every combination of the values of several variations, the last one changing fastest.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Grid(IReadOnlyList<Variation> variations) =>
        variations.Aggregate<Variation, IReadOnlyList<IReadOnlyList<string>>>(
            [[]],
            (points, variation) =>
            [
                .. from point in points
                   from value in variation.Values
                   select (IReadOnlyList<string>)[.. point, $"{variation.Path}={value}"],
            ]);

    private static IEnumerable<string> Parts(string text)
    {
        (int start, int depth, char? quote) = (0, 0, null);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            quote = quote is null ? (c is '"' or '\'' ? c : null) : c == quote ? null : quote;
            depth += quote is not null ? 0 : c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            if (c == ',' && depth == 0 && quote is null)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }
}
