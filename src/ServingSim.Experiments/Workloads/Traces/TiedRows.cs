using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>A row and its instant.</summary>
internal readonly record struct TimedRow(BurstGptRow Row, SimTime At);

/// <summary>
/// The rows of a trace, one second of its clock at a time, each with an instant within its second: uniform draws,
/// sorted, so that rows keep the order of the file. A draw is keyed by the second and the row's place in it; what is
/// filtered out later changes no other row's.
/// </summary>
internal sealed class TiedRows
{
    private readonly BurstGptTrace _trace;
    private readonly RandomStream? _ties;
    private readonly List<BurstGptRow> _second = [];
    private readonly List<long> _offsets = [];
    private BurstGptRow? _ahead;
    private int _position;

    /// <summary>Reads the first row; without <paramref name="ties"/> every row is at the start of its second.</summary>
    internal TiedRows(BurstGptTrace trace, RandomStream? ties)
    {
        (_trace, _ties) = (trace, ties);
        _ahead = trace.TryRead(out BurstGptRow first)
            ? first
            : throw NoRow(trace.File);
        FirstSecond = new SimTime(first.Second * SimTime.TicksPerSecond);
    }

    /// <summary>The second of the file's first row, on the trace's axis.</summary>
    internal SimTime FirstSecond { get; }

    /// <summary>Reads the next row; false at the end of the file.</summary>
    internal bool TryRead(out TimedRow row)
    {
        if (_position == _second.Count && !ReadSecond())
        {
            row = default;
            return false;
        }

        BurstGptRow read = _second[_position];
        row = new TimedRow(read, new SimTime((read.Second * SimTime.TicksPerSecond) + _offsets[_position]));
        _position++;
        return true;
    }

    internal static TraceException NoRow(string file) =>
        new(file, null, "holds no row; expected at least one under the header");

    private bool ReadSecond()
    {
        _second.Clear();
        _offsets.Clear();
        _position = 0;
        if (_ahead is not { } first)
        {
            return false;
        }

        _ahead = null;
        Add(first);
        while (_trace.TryRead(out BurstGptRow row))
        {
            if (row.Second < first.Second)
            {
                throw new TraceException(
                    _trace.File, row.Line,
                    $"'Timestamp' is {row.Second} after {first.Second}; expected rows in order of time");
            }

            if (row.Second > first.Second)
            {
                _ahead = row;
                break;
            }

            Add(row);
        }

        _offsets.Sort();
        return true;
    }

    private void Add(in BurstGptRow row)
    {
        Draws? draws = _ties?.At(row.Second, _second.Count);
        _offsets.Add(draws is { } tie ? (long)(tie.NextUnit() * SimTime.TicksPerSecond) : 0);
        _second.Add(row);
    }
}
