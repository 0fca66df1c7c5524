using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// Reads one YAML document into a <see cref="ConfigNode"/>. It builds on the parser's events: YamlDotNet's own tree
/// stops at the first duplicate key and recurses without a limit of depth.
/// </summary>
internal sealed class YamlReader
{
    public const int MaxBytes = 16 << 20;
    public const int MaxDepth = 64;
    private const int MaxNodes = 1_000_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Parser _parser;
    private readonly ConfigOrigin _start;
    private readonly ErrorList _errors;
    private readonly Dictionary<string, ConfigNode> _anchors = [];
    private string? _found;

    private YamlReader(string text, ConfigOrigin start, ErrorList errors)
    {
        _parser = new Parser(new StringReader(text));
        _start = start;
        _errors = errors;
    }

    /// <summary>The content of a file; null where it cannot be read, with the error added.</summary>
    /// <param name="file">The absolute path.</param>
    /// <param name="asked">Where the file is named, to blame if it cannot be opened; null for the first file.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static ConfigNode? ReadFile(string file, ConfigOrigin? asked, ErrorList errors)
    {
        var start = new ConfigOrigin(Paths.Shown(file), Path.GetDirectoryName(file) ?? file, 0, 0);
        byte[] bytes;
        try
        {
            bytes = ReadBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string problem = Directory.Exists(file) ? "found a folder, expected a file"
                : File.Exists(file) ? "cannot be read: " + e.Message
                : "no such file";
            errors.Add(asked ?? start, "", asked is null ? problem : $"{problem}: {start.Source}");
            return null;
        }

        if (bytes.Length > MaxBytes)
        {
            errors.Add(start, "", $"found a file larger than {MaxBytes >> 20} MiB, expected a smaller one");
            return null;
        }

        int nul = Array.IndexOf(bytes, (byte)0);
        if (nul >= 0)
        {
            errors.Add(start with { Line = LineOf(bytes, nul) }, "", "found a zero byte, expected text in UTF-8");
            return null;
        }

        try
        {
            return Read(Utf8.GetString(bytes).TrimStart('\uFEFF'), start with { Line = 1, Column = 1 }, errors);
        }
        catch (DecoderFallbackException e)
        {
            string found = Convert.ToHexString(e.BytesUnknown ?? []);
            errors.Add(start with { Line = LineOf(bytes, e.Index) }, "", $"found byte {found}, expected text in UTF-8");
            return null;
        }
    }

    /// <summary>The content of a text; null where it is not one YAML document, with the error added.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where it begins; where that has no line, nothing in the text has.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static ConfigNode? Read(string text, ConfigOrigin start, ErrorList errors)
    {
        var reader = new YamlReader(text, start, errors);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            int tab = TabIndent(text, (int)e.Start.Line);
            bool isTab = tab > 0 && (tab == e.Start.Line || e.Message.Contains("tab", StringComparison.Ordinal));
            string found = reader._found ?? (isTab
                ? "a tab in the indentation, expected spaces"
                : "invalid YAML: " + char.ToLowerInvariant(e.Message[0]) + e.Message[1..].TrimEnd('.'));
            errors.AddSyntax(reader.At(isTab ? new Mark(0, tab, 1) : e.Start), "found " + found);
            return null;
        }
    }

    private ConfigNode ReadDocument()
    {
        Next<StreamStart>();
        if (Next() is not DocumentStart)
        {
            throw Unexpected("an empty file, expected keys and values");
        }

        ConfigNode root = ReadNode(Next(), 1);
        Next<DocumentEnd>();
        return Next() is StreamEnd ? root : throw Unexpected("a second document, expected one");
    }

    private ConfigNode ReadNode(ParsingEvent at, int depth)
    {
        if (at is AnchorAlias alias)
        {
            ConfigNode? anchored = _anchors.GetValueOrDefault(alias.Value.Value);
            return anchored is null ? throw Unexpected($"the alias '*{alias.Value}', expected an anchor before it")
                : Limited(anchored, depth + anchored.Height - 1);
        }

        if (at is not NodeEvent start)
        {
            throw Unexpected("invalid YAML: a key without a value");
        }

        if (!start.Tag.IsEmpty)
        {
            throw Unexpected($"the tag {Names.Quote(start.Tag.ToString())}, expected none");
        }

        ConfigOrigin origin = At(at.Start);
        ConfigNode node = at switch
        {
            Scalar scalar => ConfigNode.Scalar(origin, scalar.Value, scalar.Style != ScalarStyle.Plain),
            SequenceStart => ReadList(origin, depth),
            _ => ReadMapping(origin, depth),
        };
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = node;
        }

        return Limited(node, depth);
    }

    private ConfigNode ReadList(ConfigOrigin origin, int depth)
    {
        CheckDepth(depth);
        var items = new List<ConfigNode>();
        while (Next() is not SequenceEnd)
        {
            items.Add(ReadNode(_parser.Current!, depth + 1));
        }

        return ConfigNode.List(origin, items);
    }

    private ConfigNode ReadMapping(ConfigOrigin origin, int depth)
    {
        CheckDepth(depth);
        var entries = new OrderedDictionary<string, ConfigEntry>();
        while (Next() is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
            {
                throw Unexpected("a key that is not plain text, expected a name");
            }

            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                throw Unexpected("the merge key '<<', expected the keys themselves, or include at the top");
            }

            var entry = new ConfigEntry(key.Value, At(key.Start), ReadNode(Next(), depth + 1));
            if (!entries.TryAdd(entry.Key, entry))
            {
                ConfigOrigin first = entries[entry.Key].Origin;
                string where = first.Line == 0 ? "" : $": first in line {first.Line}";
                _errors.Add(entry.Origin, "", $"found the key {Names.Quote(entry.Key)} again, expected it once{where}");
            }
        }

        return ConfigNode.Mapping(origin, [.. entries.Values]);
    }

    /// <summary>A node within the limits. Aliases of aliases can stand for more nodes than memory holds.</summary>
    private ConfigNode Limited(ConfigNode node, int depth)
    {
        CheckDepth(depth);
        return node.Size <= MaxNodes ? node : throw Unexpected($"more than {MaxNodes} values, expected fewer");
    }

    private void CheckDepth(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Unexpected($"more than {MaxDepth} levels, expected fewer");
        }
    }

    private ConfigOrigin At(Mark mark) => _start.Line == 0
        ? _start
        : _start with { Line = (int)mark.Line, Column = (int)mark.Column };

    private ParsingEvent Next()
    {
        try
        {
            return _parser.MoveNext() ? _parser.Current! : throw Unexpected("the end, expected more");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // thrown by YamlDotNet 18.1, instead of its own exception, for some texts and tags that are no YAML
            throw Unexpected("invalid YAML after this");
        }
    }

    private void Next<TEvent>()
        where TEvent : ParsingEvent
    {
        if (Next() is not TEvent)
        {
            throw Unexpected("text after the end, expected none");
        }
    }

    private YamlException Unexpected(string found)
    {
        _found = found;
        Mark start = _parser.Current?.Start ?? Mark.Empty;
        return new YamlException(start, start, found);
    }

    private static byte[] ReadBytes(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 14];
        int read;
        while (bytes.Length <= MaxBytes && (read = stream.Read(buffer)) > 0)
        {
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    private static int LineOf(ReadOnlySpan<byte> bytes, int index) => 1 + bytes[..index].Count((byte)'\n');

    /// <summary>The first line, from <paramref name="from"/> on, that a tab indents; 0 where there is none.</summary>
    private static int TabIndent(string text, int from)
    {
        string[] lines = text.Split('\n');
        for (int line = Math.Max(from, 1); line <= lines.Length; line++)
        {
            if (lines[line - 1].TrimStart(' ').StartsWith('\t'))
            {
                return line;
            }
        }

        return 0;
    }
}
