using System.Globalization;
using System.Text;

namespace ServingSim.Experiments.Modelling;

/// <summary>Writes lists of numbers between brackets in as few lines as it takes.</summary>
internal static class FlowLists
{
    private const int Columns = 120;

    /// <summary>The same YAML.</summary>
    internal static string Of(string yaml)
    {
        string[] lines = yaml.Split('\n');
        StringBuilder text = new();
        for (int i = 0; i < lines.Length; i++)
        {
            int count = 0;
            while (i + 1 + count < lines.Length && IsNumber(lines[i + 1 + count]))
            {
                count++;
            }

            if (count == 0 || !lines[i].EndsWith(':'))
            {
                text.Append(lines[i]).Append(i < lines.Length - 1 ? "\n" : "");
                continue;
            }

            Wrap(text, lines[i], lines.AsSpan(i + 1, count));
            i += count;
        }

        return text.ToString();
    }

    private static bool IsNumber(string line) =>
        line.TrimStart().StartsWith("- ", StringComparison.Ordinal)
        && double.TryParse(line.TrimStart()[2..], NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static void Wrap(StringBuilder text, string key, ReadOnlySpan<string> items)
    {
        string indent = new(' ', key.Length - key.TrimStart(' ', '-').Length + 2);
        int column = key.Length;
        text.Append(key).Append(" [");
        for (int i = 0; i < items.Length; i++)
        {
            string item = items[i].TrimStart()[2..] + (i < items.Length - 1 ? "," : "]");
            if (column + item.Length + 2 > Columns)
            {
                text.Append('\n').Append(indent);
                column = indent.Length;
            }
            else if (i > 0)
            {
                text.Append(' ');
                column++;
            }

            text.Append(item);
            column += item.Length;
        }

        text.Append('\n');
    }
}
