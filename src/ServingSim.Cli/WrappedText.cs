namespace ServingSim.Cli;

/// <summary>Text on lines of at most 100 columns, broken between words.</summary>
internal static class WrappedText
{
    private const int Columns = 100;

    /// <summary>Writes a text; a word longer than a line stands on one of its own.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="first">What the first line begins with.</param>
    /// <param name="next">What each further line begins with.</param>
    /// <param name="text">The text.</param>
    public static void Write(TextWriter output, string first, string next, string text)
    {
        string line = first;
        bool isEmpty = true;
        foreach (string word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Columns)
            {
                output.WriteLine(line);
                (line, isEmpty) = (next, true);
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        output.WriteLine(line);
    }
}
