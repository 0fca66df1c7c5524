using System.ComponentModel;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>
/// Options of <c>burstgpt-perf</c>, the modelled mode of BurstGPT-Perf (HPMLL/BurstGPT, evaluation driver of June 2024,
/// blob 63946240). Its numpy scale is 1/β/<see cref="RateScale"/>.
/// </summary>
/// <param name="Alphas">α(t): the shape of the gaps, slot after slot.</param>
/// <param name="BetasPerS">β(t): their rate, in 1/s, before scaling.</param>
/// <param name="Thetas">θ(t) of the Zipf lengths, slot after slot; <see cref="Theta"/> throughout without it.</param>
/// <param name="Theta">θ before the first slot and after the last: the paper's demo has 1.1.</param>
/// <param name="WarmupRequests">Requests before the first slot.</param>
/// <param name="WarmupShape">The shape of their gaps, and of those after the last slot.</param>
/// <param name="WarmupScale">Their numpy scale: the mean gap is shape × scale.</param>
/// <param name="Slot">How long a slot lasts: a minute for 20 of the trace.</param>
/// <param name="RateScale">What divides the gaps inside slots.</param>
/// <param name="MaxTokens">The longest prompt and output; longer ones are drawn again.</param>
public sealed record BurstGptPerfOptions(
    IReadOnlyList<double> Alphas, IReadOnlyList<double> BetasPerS,
    [property: DefaultValue("2s")] SimTime WarmupScale, [property: DefaultValue("60s")] SimTime Slot,
    IReadOnlyList<double>? Thetas = null, double Theta = 1.1, int WarmupRequests = 1000, double WarmupShape = 0.5,
    double RateScale = 30.6094502625, int MaxTokens = 1023) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        (string Name, IReadOnlyList<double>? Values)[] lists =
            [(nameof(Alphas), Alphas), (nameof(BetasPerS), BetasPerS), (nameof(Thetas), Thetas)];
        foreach ((string name, IReadOnlyList<double>? values) in lists.Where(l => l.Values is not null))
        {
            if (values!.Count != Alphas.Count)
            {
                yield return (name, $"found {values.Count} numbers, expected {Alphas.Count}, as many as alphas");
            }

            foreach (double value in values.Where(v => !(v is > 0 and <= 1e6)).Take(1))
            {
                yield return (name, $"found {value}, expected numbers above 0 and at most 1e6");
            }
        }

        (string Name, double Value, double Most)[] numbers =
        [
            (nameof(Theta), Theta, 10), (nameof(WarmupShape), WarmupShape, 1e6), (nameof(RateScale), RateScale, 1e6),
            (nameof(WarmupScale), WarmupScale.TotalSeconds, 1e6), (nameof(Slot), Slot.TotalSeconds, 1e6),
        ];
        foreach ((string name, double value, double most) in numbers.Where(n => !(n.Value > 0 && n.Value <= n.Most)))
        {
            yield return (name, $"found {value}, expected more than 0 and at most {most}");
        }

        if (WarmupRequests < 0)
        {
            yield return (nameof(WarmupRequests), $"found {WarmupRequests}, expected 0 or more");
        }

        if (MaxTokens is < 1 or > 10_000_000)
        {
            yield return (nameof(MaxTokens), $"found {MaxTokens}, expected 1 to 10000000");
        }
    }
}

/// <summary>
/// BurstGPT-Perf's modelled scaling: gaps of Gamma(α(t), β(t)) and prompt and output lengths drawn independently from
/// Zipf(θ(t)). A warm-up of so many requests comes first, then a slot after another, then the warm-up's gaps again.
/// </summary>
public sealed class BurstGptPerfWorkload : IWorkload
{
    private readonly BurstGptPerfOptions _options;
    private readonly Labels _labels;
    private readonly WorkloadLimits _limits;
    private readonly OutputPredictor? _predictor;
    private readonly RandomStream _gaps;
    private readonly RandomStream _promptLengths;
    private readonly RandomStream _outputLengths;
    private readonly Memo<double, ZipfLengths> _lengths;
    private SimTime? _firstSlot;
    private long _taken;

    private BurstGptPerfWorkload(BurstGptPerfOptions options, WorkloadContext context)
    {
        (_options, _labels, _limits, _predictor) = (options, context.Labels, context.Limits, context.Predictor());
        _gaps = context.Streams.Stream("arrivals");
        _promptLengths = context.Streams.Stream("prompt-lengths");
        _outputLengths = context.Streams.Stream("output-lengths");
        _lengths = new Memo<double, ZipfLengths>(theta => new ZipfLengths(new(theta, options.MaxTokens)));
        NextArrival = NextAfter(SimTime.Zero);
    }

    /// <summary>The workload of a scenario whose source is BurstGPT-Perf's modelled mode.</summary>
    public static IWorkload Of(BurstGptPerfOptions options, WorkloadContext context)
    {
        context.RequireEnd();
        return new BurstGptPerfWorkload(options, context);
    }

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
        ZipfLengths lengths = _lengths.Of(
            _options.Thetas is { } thetas && SlotAt(arrival) is { } slot ? thetas[slot] : _options.Theta);
        int outputTokens = lengths.Draw(ref output);
        ClientRequest request = new(
            _taken, arrival, PromptContent.OwnOf(_taken, lengths.Draw(ref prompt)), OutputLength.Of(outputTokens),
            _labels)
        {
            PredictedOutputTokens = _predictor?.Predict(outputTokens, _taken),
        };
        _taken++;
        if (_taken == _options.WarmupRequests)
        {
            _firstSlot = arrival;
        }

        NextArrival = NextAfter(arrival);
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

    private SimTime? NextAfter(SimTime previous)
    {
        if (_options.WarmupRequests == 0)
        {
            _firstSlot ??= SimTime.Zero;
        }

        (double shape, double scaleS) = SlotAt(previous) is { } slot
            ? (_options.Alphas[slot], 1 / _options.BetasPerS[slot] / _options.RateScale)
            : (_options.WarmupShape, _options.WarmupScale.TotalSeconds);
        Draws draws = _gaps.At(_taken);
        SimTime next = previous + SimTime.FromSeconds(draws.NextGamma(shape) * scaleS);
        return _limits.Allow(_taken, next) ? next : null;
    }

    /// <summary>The slot of an instant; null before the first and after the last.</summary>
    private int? SlotAt(SimTime at) =>
        _firstSlot is { } first && (at - first).Ticks / _options.Slot.Ticks is var slot && slot < _options.Alphas.Count
            ? (int)slot
            : null;
}
