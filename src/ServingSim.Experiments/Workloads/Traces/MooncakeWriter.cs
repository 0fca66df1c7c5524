using System.Text;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Writes a Mooncake JSONL file. Hash ids of the source are kept; otherwise the blocks within a shared prefix get ids
/// of their group, and all others an id that no other row has.
/// </summary>
internal sealed class MooncakeWriter(Stream stream, int blockTokens) : ITraceWriter
{
    private readonly StreamWriter _writer = new(stream) { NewLine = "\n" };
    private readonly StringBuilder _ids = new();
    private readonly Dictionary<(long Group, int Block), long> _shared = [];
    private long _nextId;

    /// <inheritdoc/>
    public TraceFacts Write(in TraceRow row)
    {
        _ids.Clear();
        TraceFacts lost = row.Facts & ~(TraceFacts.HashIds | TraceFacts.Prefix);
        if (row.HasHashIds)
        {
            _ids.AppendJoin(", ", row.Beginning!.Select(block => block.Stream.Id));
        }
        else
        {
            lost |= MakeIds(row);
        }

        string ms = CsvFields.Shortest(row.Recorded, SimTime.TicksPerSecond / 1000);
        _writer.Write($$"""{"timestamp": {{ms}}, "input_length": {{row.PromptTokens}}, """);
        _writer.WriteLine($$"""
            "output_length": {{row.OutputTokens}}, "hash_ids": [{{_ids}}]}
            """);
        return lost;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private TraceFacts MakeIds(in TraceRow row)
    {
        (long group, int prefixTokens) = row.Prefix ?? default;
        int covered = 0;
        for (int block = 0; block * (long)blockTokens < row.PromptTokens; block++)
        {
            long end = Math.Min((block + 1L) * blockTokens, row.PromptTokens);
            _ids.Append(block == 0 ? "" : ", ");
            if (end > prefixTokens)
            {
                _ids.Append(_nextId++);
                continue;
            }

            covered = (int)end;
            if (!_shared.TryGetValue((group, block), out long id))
            {
                _shared.Add((group, block), id = _nextId++);
            }

            _ids.Append(id);
        }

        return covered < prefixTokens ? TraceFacts.EndOfPrefix : TraceFacts.None;
    }
}
