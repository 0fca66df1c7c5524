using System.Text;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Names as they are in C#, as they are in YAML, and as they are mistyped.</summary>
internal static class Names
{
    private const int LongestQuote = 60;

    /// <summary><c>MaxNumSeqs</c> → <c>max_num_seqs</c>; digits stay with the letter before them.</summary>
    public static string Snake(string name) => Split(name, '_');

    /// <summary><c>VllmV1</c> → <c>vllm-v1</c>.</summary>
    public static string Kebab(string name) => Split(name, '-');

    /// <summary>The text in quotes, fit for one line.</summary>
    public static string Quote(string text) => $"'{OneLine(text)}'";

    /// <summary>The text without control characters, cut where it is long.</summary>
    public static string OneLine(string text)
    {
        bool isLong = text.Length > LongestQuote;
        var line = new StringBuilder();
        foreach (Rune rune in (isLong ? text[..LongestQuote] : text).EnumerateRunes())
        {
            line.Append(Rune.IsControl(rune) ? "?" : rune.ToString());
        }

        return line.Append(isLong ? "…" : "").ToString();
    }

    /// <summary>Why a name cannot be that of a folder of results on every system; null if it can.</summary>
    public static string? FolderProblem(string name) =>
        name.Length == 0 || name[0] == '.'
        || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            ? $"found '{name}', expected letters, digits, '-', '_' and, not first, '.': it names a folder"
            : null;

    /// <summary>The end of an error about an unknown name: the one that was meant, and those there are.</summary>
    public static string Known(string name, IReadOnlyCollection<string> known)
    {
        string? closest = Closest(name, known);
        return (closest is null ? "" : $" (did you mean '{closest}'?)")
            + (known.Count == 0 ? "; there are none" : "; known: " + string.Join(", ", known));
    }

    /// <summary>The known name that is fewest edits away; null where none is near.</summary>
    private static string? Closest(string name, IEnumerable<string> known)
    {
        (string? Name, int Distance) best = (null, Math.Max(1, Math.Min(name.Length, LongestQuote) / 3) + 1);
        foreach (string candidate in known)
        {
            if (Math.Abs(candidate.Length - name.Length) < best.Distance
                && Distance(name, candidate) is int distance && distance < best.Distance)
            {
                best = (candidate, distance);
            }
        }

        return best.Name;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between two names.</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                int edit = Math.Min(d[i - 1, j], d[i, j - 1]) + 1;
                int replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(Math.Min(edit, replace), isSwap ? d[i - 2, j - 2] + 1 : int.MaxValue);
            }
        }

        return d[a.Length, b.Length];
    }

    private static string Split(string name, char separator)
    {
        var split = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool startsWord = i > 0 && char.IsUpper(name[i])
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            split.Append(startsWord ? separator : "").Append(char.ToLowerInvariant(name[i]));
        }

        return split.ToString();
    }
}
