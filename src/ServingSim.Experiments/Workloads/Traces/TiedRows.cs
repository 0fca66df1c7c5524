using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// The rows of a BurstGPT file, one second of its clock at a time, each with an instant within its second: uniform
/// draws, sorted, so that rows keep the order of the file. A draw is keyed by the second and the row's place in it;
/// what is filtered out later changes no other row's. In a second where a row's time has a fraction, the file's clock
/// is finer than that, and rows arrive when it says.
/// </summary>
internal sealed class TiedRows : ITraceRows
{
    /// <summary>The stream of the instants within seconds.</summary>
    internal const string Stream = "trace-ties";

    private const int MostNamesTold = 20;

    private readonly BurstGptOptions _options;
    private readonly BurstGptTrace _trace;
    private readonly RandomStream? _ties;
    private readonly List<BurstGptRow> _second = [];
    private readonly List<long> _offsets = [];
    private BurstGptRow? _ahead;
    private int _position;
    private readonly SortedSet<string> _models = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _logTypes = new(StringComparer.Ordinal);
    private bool _isFiner;
    private bool _isAnySelected;

    /// <summary>Opens the file and reads the first row.</summary>
    internal TiedRows(BurstGptOptions options, RandomStreams streams)
    {
        _options = options;
        _ties = options.SpreadTies ? streams.Stream(Stream) : null;
        _trace = BurstGptTrace.Open(options.Path);
        try
        {
            _ahead = _trace.TryRead(out BurstGptRow first) ? first : null;
        }
        catch
        {
            _trace.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string File => _trace.File;

    /// <inheritdoc/>
    public TraceFacts Facts => TraceFacts.Model | TraceFacts.LogType;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Unread => _trace.Unread;

    /// <inheritdoc/>
    public bool TryRead(out TraceRow row)
    {
        if (_position == _second.Count && !ReadSecond())
        {
            row = default;
            return false;
        }

        BurstGptRow read = _second[_position];
        bool isSelected = Selects(read);
        row = new TraceRow(read.Line, read.Recorded, read.PromptTokens, read.OutputTokens)
        {
            Names = new RowNames(read.Model, read.LogType),
            Spread = _isFiner ? SimTime.Zero : new SimTime(_offsets[_position]),
            IsFilteredOut = !isSelected,
        };
        _position++;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _trace.Dispose();

    private bool ReadSecond()
    {
        _second.Clear();
        _offsets.Clear();
        _position = 0;
        _isFiner = false;
        if (_ahead is not { } first)
        {
            CheckSelected();
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

    private bool Selects(in BurstGptRow row)
    {
        if (_isAnySelected)
        {
            return _options.Selects(row);
        }

        _isAnySelected = _options.Selects(row);
        Note(_models, row.Model);
        Note(_logTypes, row.LogType);
        return _isAnySelected;
    }

    private static void Note(SortedSet<string> names, string name)
    {
        if (names.Count < MostNamesTold)
        {
            names.Add(name);
        }
    }

    /// <summary>A file may name models as it likes, so only its end tells that a name was mistyped.</summary>
    private void CheckSelected()
    {
        if (!_isAnySelected && _models.Count > 0)
        {
            throw new TraceException(
                File, null, "no row is of the models and log types asked for"
                + Told("model", _options.Models, _models) + Told("log type", _options.LogTypes, _logTypes));
        }
    }

    private static string Told(string what, IReadOnlyList<string>? asked, SortedSet<string> found)
    {
        string? missing = asked?.FirstOrDefault(name => !found.Any(f => BurstGptOptions.IsLogType(name, f)));
        return missing is null ? "" : $"; {what} {Names.Quote(missing)}{Names.Known(missing, found)}";
    }

    private void Add(in BurstGptRow row)
    {
        Draws? draws = _ties?.At(row.Second, _second.Count);
        _offsets.Add(draws is { } tie ? (long)(tie.NextUnit() * SimTime.TicksPerSecond) : 0);
        _second.Add(row);
        _isFiner |= row.Fraction != SimTime.Zero;
    }
}
