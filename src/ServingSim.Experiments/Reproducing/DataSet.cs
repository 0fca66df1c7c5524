using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing;

/// <summary>Rows that figures are made from.</summary>
public sealed class DataSet
{
    private readonly Lazy<TraceDescription> _description;

    internal DataSet(
        string name, DataSection section, string origin, bool isGenerated, string path, int firstDay, int daysGiven,
        TraceColumns columns, CancellationToken cancellation)
    {
        (Name, Section, Origin, IsGenerated, Path) = (name, section, origin, isGenerated, path);
        (FirstDay, DaysGiven, Columns) = (firstDay, daysGiven, columns);
        _description = new Lazy<TraceDescription>(() => TraceDescription.Of(columns, cancellation));
    }

    /// <summary>What the pack calls it.</summary>
    public string Name { get; }

    /// <summary>What the pack says of it.</summary>
    public DataSection Section { get; }

    /// <summary>Where its rows come from, as pictures say it: the user's file, or the model and its seed.</summary>
    public string Origin { get; }

    /// <summary>Whether a model made its rows.</summary>
    public bool IsGenerated { get; }

    /// <summary>A BurstGPT CSV file with its rows, perhaps among others; a generated one goes with the pack.</summary>
    public string Path { get; }

    /// <summary>The first of its days that has a row, on the axis of the file's times.</summary>
    public int FirstDay { get; }

    /// <summary>From its first day to the last that has a row.</summary>
    public int DaysGiven { get; }

    /// <summary>Whether it has all days that figures want.</summary>
    public bool IsWhole => DaysGiven >= DaysWanted;

    /// <summary>How many days figures want.</summary>
    public int DaysWanted => IsGenerated ? Section.ModelDays ?? Section.Days : Section.Days;

    /// <summary>What its rows tell, by service; found once, however often it is asked.</summary>
    public TraceDescription Description => _description.Value;

    /// <summary>What the rows of some services are; null where it has none.</summary>
    public Composition? Composition(Func<TraceService, bool> services) =>
        Columns.Select(Name, services) is { Count: > 0 } rows ? Describing.Composition.Of(rows) : null;

    /// <summary>Its rows.</summary>
    internal TraceColumns Columns { get; }

    /// <summary>The description of the rows of one model and log type; null where it has none.</summary>
    public ServiceDescription? Service(string model, string logType) =>
        Service(s => s.Model == model && s.LogType == logType);

    /// <summary>
    /// The description of the rows of some services; null where it has none, or the description does not tell of them.
    /// </summary>
    public ServiceDescription? Service(Func<TraceService, bool> selects)
    {
        TraceService[] wanted = [.. Columns.Services.Where(selects)];
        return Description.Services.FirstOrDefault(s => s.Members.SequenceEqual(wanted));
    }
}
