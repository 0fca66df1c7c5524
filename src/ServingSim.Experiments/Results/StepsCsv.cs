using System.Text;
using CsvHelper;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Writes <c>steps.csv</c>, step by step; times are exact, with all 11 decimals of a tick. Closing it closes the
/// stream.
/// </summary>
public sealed class StepsCsv : IDisposable
{
    private readonly CsvWriter _csv;
    private readonly StringBuilder _list = new();

    /// <summary>Starts a file with its header.</summary>
    public StepsCsv(Stream stream) => _csv = CsvFields.Open(
        stream, "replica", "step", "start_s", "duration_s", "scheduled", "preempted", "running", "waiting",
        "used_blocks", "free_blocks");

    /// <summary>Adds a row.</summary>
    public void Write(in StepRecord step)
    {
        _csv.WriteField(step.Replica);
        _csv.WriteField(step.Step, default);
        CsvFields.Exact(_csv, step.Start);
        CsvFields.Exact(_csv, step.Duration);
        foreach (var (id, tokens) in step.Scheduled)
        {
            _list.Append(_list.Length == 0 ? "" : " ").Append(id).Append(':').Append(tokens);
        }

        WriteList();
        _list.AppendJoin(' ', step.Preempted);
        WriteList();
        _csv.WriteField(step.Running, default);
        _csv.WriteField(step.Waiting, default);
        _csv.WriteField(step.UsedBlocks, default);
        _csv.WriteField(step.FreeBlocks, default);
        _csv.EndRecord();
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();

    private void WriteList()
    {
        _csv.WriteField(_list.ToString());
        _list.Clear();
    }
}
