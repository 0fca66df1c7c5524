using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Options of <c>synthetic</c>.</summary>
/// <param name="PrefixGroups">System prompts, one a request; without them no two prompts share a prefix.</param>
public sealed record SyntheticOptions(PrefixGroupsOptions? PrefixGroups = null);

/// <summary>
/// Requests made up as they are needed: an arrival process and a distribution of lengths. Lengths are drawn by request
/// from streams of their own, so that they and the arrivals leave one another alone.
/// </summary>
public sealed class SyntheticWorkload : IWorkload
{
    private readonly IArrivals _arrivals;
    private readonly IJointLengths _lengths;
    private readonly Labels _labels;
    private readonly WorkloadLimits _limits;
    private readonly PrefixGroups? _prefixes;
    private readonly OutputPredictor? _predictor;
    private readonly RandomStream _promptLengths;
    private readonly RandomStream _outputLengths;
    private long _taken;

    /// <summary>A workload whose requests all carry <paramref name="labels"/>.</summary>
    public SyntheticWorkload(
        IArrivals arrivals, IJointLengths lengths, Labels labels, RandomStreams streams, WorkloadLimits limits,
        SyntheticOptions? options = null, OutputPredictor? predictor = null)
    {
        (_arrivals, _lengths, _labels, _limits, _predictor) = (arrivals, lengths, labels, limits, predictor);
        _promptLengths = streams.Stream("prompt-lengths");
        _outputLengths = streams.Stream("output-lengths");
        _prefixes = options?.PrefixGroups is { } groups ? new PrefixGroups(groups, streams) : null;
        NextArrival = limits.NextAfter(SimTime.Zero, 0, arrivals);
    }

    /// <summary>The workload of a scenario whose source makes requests up.</summary>
    public static IWorkload Of(SyntheticOptions options, WorkloadContext context) => new SyntheticWorkload(
        context.Arrivals(), context.Lengths(), context.Labels, context.Streams, context.Limits, options,
        context.Predictor());

    /// <inheritdoc/>
    public SimTime? NextArrival { get; private set; }

    /// <inheritdoc/>
    public TraceCounts? TraceCounts => null;

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        SimTime arrival = NextArrival ?? throw new InvariantException($"a request taken after the last, {_taken}");
        Draws prompt = _promptLengths.At(_taken);
        Draws output = _outputLengths.At(_taken);
        RequestLengths lengths = _lengths.Draw(ref prompt, ref output);
        ClientRequest request = new(
            _taken, arrival, Prompt(lengths.PromptTokens), OutputLength.Of(lengths.OutputTokens), _labels)
        {
            PredictedOutputTokens = _predictor?.Predict(lengths.OutputTokens, _taken),
        };
        _taken++;
        NextArrival = _limits.NextAfter(arrival, _taken, _arrivals);
        return request;
    }

    /// <summary>Does nothing: arrivals do not wait for outcomes.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
    }

    /// <summary>Does nothing: nothing is held.</summary>
    public void Dispose()
    {
    }

    private PromptContent Prompt(int ownTokens)
    {
        TokenSegment own = new(TokenStream.OwnOf(_taken), ownTokens);
        return _prefixes is null ? PromptContent.Of(own) : PromptContent.Of(_prefixes.Of(_taken), own);
    }
}
