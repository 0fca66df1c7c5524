using System.Text;
using System.Text.Json;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a Mooncake trace (kvcache-ai/Mooncake, FAST'25): a JSON object a line, with <c>timestamp</c> in ms,
/// <c>input_length</c>, <c>output_length</c> and a hash id for every block of the prompt, the last of which may be cut.
/// </summary>
internal sealed class MooncakeRows(FilePath path, int blockTokens) : ITraceRows
{
    /// <summary>Tokens behind each hash id of the published traces.</summary>
    internal const int UsualBlockTokens = 512;

    private const decimal MaxMs = 92_000_000_000;

    /// <summary>As of a row of CSV: what has no line end for so long is no line of JSON.</summary>
    private const int MostCharsOfLine = 1 << 20;

    private readonly StreamReader _reader = new(TraceFile.Open(path));
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unread = new(StringComparer.Ordinal);
    private bool _isAfterReturn;
    private bool _isAfterRow;
    private long _line;

    /// <inheritdoc/>
    public string File => path.AsWritten;

    /// <inheritdoc/>
    public TraceFacts Facts => TraceFacts.HashIds;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Unread => _unread;

    /// <inheritdoc/>
    public bool TryRead(out TraceRow row)
    {
        string? text = ReadLine();
        while (text is not null && string.IsNullOrWhiteSpace(text))
        {
            text = ReadLine();
        }

        row = text is null ? default : RowOf(text);
        _isAfterRow = true;
        return text is not null;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private string? ReadLine()
    {
        try
        {
            _line++;
            _text.Clear();
            int read = _reader.Read();
            if (_isAfterReturn && read == '\n')
            {
                read = _reader.Read();
            }

            bool isEnd = read < 0;
            for (; read >= 0 && read is not ('\n' or '\r'); read = _reader.Read())
            {
                if (_text.Length == MostCharsOfLine)
                {
                    throw new TraceException(
                        File, _line, $"is longer than {MostCharsOfLine:N0} characters; expected a JSON object a line");
                }

                _text.Append((char)read);
            }

            _isAfterReturn = read == '\r';
            return isEnd ? null : _text.ToString();
        }
        catch (InvalidDataException)
        {
            throw TraceFile.Damaged(File);
        }
    }

    private TraceRow RowOf(string text)
    {
        using JsonDocument json = Parse(text);
        _keys.Clear();
        foreach (JsonProperty property in json.RootElement.EnumerateObject())
        {
            if (!_keys.Add(property.Name))
            {
                throw new TraceException(File, _line, $"two keys {Names.Quote(property.Name)}; expected one");
            }

            if (property.Name is not ("timestamp" or "input_length" or "output_length" or "hash_ids"))
            {
                _unread.Add(property.Name);
            }
        }

        int promptTokens = ReadTokens(json, "input_length");
        int outputTokens = ReadTokens(json, "output_length");
        if (promptTokens == 0 && outputTokens > 0)
        {
            throw Refused(json, "input_length", "a prompt of at least one token where there is a response");
        }

        return new TraceRow(_line, ReadTime(json), promptTokens, outputTokens)
        {
            Beginning = ReadBlocks(json, promptTokens),
        };
    }

    private JsonDocument Parse(string text)
    {
        try
        {
            JsonDocument json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return json;
            }
        }
        catch (JsonException)
        {
            // Its message tells of a line within the line
        }

        string hint = _isAfterRow || text.StartsWith('{') ? "" : TraceFormats.Hint(text);
        throw new TraceException(
            File, _line,
            $"is no JSON object; expected 'timestamp', 'input_length', 'output_length', 'hash_ids'{hint}");
    }

    private SimTime ReadTime(JsonDocument json)
    {
        if (Find(json, "timestamp") is not { ValueKind: JsonValueKind.Number } value
            || !value.TryGetDecimal(out decimal ms) || ms is < 0 or > MaxMs)
        {
            throw Refused(json, "timestamp", "milliseconds from 0 to 92000000000");
        }

        return new SimTime((long)Math.Round(ms * (SimTime.TicksPerSecond / 1000)));
    }

    private int ReadTokens(JsonDocument json, string key)
    {
        if (Find(json, key) is not { ValueKind: JsonValueKind.Number } value
            || !value.TryGetInt32(out int tokens) || tokens < 0)
        {
            throw Refused(json, key, "a whole number of tokens, 0 or more");
        }

        return tokens;
    }

    private TokenSegment[] ReadBlocks(JsonDocument json, int promptTokens)
    {
        long count = (promptTokens + (long)blockTokens - 1) / blockTokens;
        if (Find(json, "hash_ids") is not { ValueKind: JsonValueKind.Array } ids || ids.GetArrayLength() != count)
        {
            throw Refused(json, "hash_ids", $"{count} ids: {promptTokens} tokens in blocks of {blockTokens}");
        }

        TokenSegment[] blocks = new TokenSegment[count];
        int left = promptTokens;
        int index = 0;
        foreach (JsonElement id in ids.EnumerateArray())
        {
            if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out long hashId))
            {
                throw Refused(json, "hash_ids", "whole numbers");
            }

            blocks[index++] = new TokenSegment(TokenStream.TraceBlock(hashId), Math.Min(blockTokens, left));
            left -= blocks[index - 1].Tokens;
        }

        return blocks;
    }

    private static JsonElement? Find(JsonDocument json, string key) =>
        json.RootElement.TryGetProperty(key, out JsonElement value) ? value : null;

    private TraceException Refused(JsonDocument json, string key, string expected)
    {
        string found = Find(json, key) is { } value ? $"'{key}' is {value.GetRawText()}" : $"no '{key}'";
        return new TraceException(File, _line, $"{found}; expected {expected}");
    }
}
