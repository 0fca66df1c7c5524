using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Options of <c>mix</c>.</summary>
/// <param name="Parts">The workloads, each written as a workload alone would be.</param>
public sealed record MixOptions(IReadOnlyList<WorkloadSection> Parts) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        Parts.Count > 0 ? [] : [(nameof(Parts), "found none, expected at least one workload")];
}

/// <summary>
/// Several workloads merged in order of arrival, ties in the order of the parts. Requests are numbered anew, and each
/// part hears of its own under its own numbers. Prompts of different parts share no prefix, and label <c>session</c>
/// gets the part's index in front ("1/42"), so that no two parts have a session in common.
/// </summary>
public sealed class MixWorkload : IWorkload
{
    private readonly IReadOnlyList<IWorkload> _parts;
    private readonly WorkloadLimits _limits;
    private readonly Dictionary<long, (int Part, ClientRequest Request)> _open = [];
    private long _taken;

    /// <summary>A workload of these, which it disposes of.</summary>
    public MixWorkload(IReadOnlyList<IWorkload> parts, WorkloadLimits limits) => (_parts, _limits) = (parts, limits);

    /// <summary>The workload of a scenario whose source is a mix.</summary>
    public static IWorkload Of(MixOptions options, WorkloadContext context)
    {
        List<IWorkload> parts = [];
        try
        {
            foreach (WorkloadSection part in options.Parts)
            {
                parts.Add(context.CreatePart(part, parts.Count));
            }
        }
        catch
        {
            parts.ForEach(p => p.Dispose());
            throw;
        }

        return new MixWorkload(parts, context.Limits);
    }

    /// <inheritdoc/>
    public SimTime? NextArrival => First() is { } part && _parts[part].NextArrival is { } next
        && _limits.Allow(_taken, next) ? next : null;

    /// <summary>The sums over the parts that read a trace.</summary>
    public TraceCounts? TraceCounts => _parts.Select(p => p.TraceCounts).OfType<TraceCounts>().ToList() switch
    {
        [] => null,
        var counts => counts.Aggregate((a, b) => a.Plus(b)),
    };

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        int part = First() ?? throw new InvariantException($"a request taken after the last, {_taken}");
        ClientRequest request = _parts[part].Take();
        long id = _taken++;
        _open.Add(id, (part, request));
        return request with
        {
            Id = id,
            OutputId = id,
            Prompt = request.Prompt.WithStreams(s => Renamed(s, part)),
            Labels = LabelsOf(request, part),
        };
    }

    /// <inheritdoc/>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
        Check.That(_open.Remove(request.Id, out (int Part, ClientRequest Request) own), $"{request.Id} ended twice");
        _parts[own.Part].OnFinished(own.Request with { OutputId = request.OutputId }, outcome, at, outputTokens);
    }

    /// <summary>Closes what the parts hold open.</summary>
    public void Dispose()
    {
        foreach (IWorkload part in _parts)
        {
            part.Dispose();
        }
    }

    /// <summary>The part whose next request arrives first.</summary>
    private int? First()
    {
        int? first = null;
        SimTime earliest = default;
        for (int part = 0; part < _parts.Count; part++)
        {
            if (_parts[part].NextArrival is { } next && (first is null || next < earliest))
            {
                (first, earliest) = (part, next);
            }
        }

        return first;
    }

    private static Labels LabelsOf(ClientRequest request, int part) =>
        request.Labels[SessionsWorkload.Label] is { } session
            ? request.Labels.With([new(SessionsWorkload.Label, $"{part}/{session}")])
            : request.Labels;

    /// <summary>
    /// A part's stream gets a name of its own; outputs have the cluster's already, as parts quote what they heard of.
    /// </summary>
    private static TokenStream Renamed(TokenStream stream, int part) => stream.Kind == TokenStreamKind.Output
        ? stream
        : stream with { Id = (long)Mixing.Combine((ulong)part, (ulong)stream.Id) };
}
