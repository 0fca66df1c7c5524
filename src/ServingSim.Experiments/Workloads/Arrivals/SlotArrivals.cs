using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>gamma-slots</c>: BurstGPT's α(t) and β(t), over and over.</summary>
/// <param name="Alphas">
/// The shape of the gaps in each slot of a day; a day has as many slots, a divisor of 1440.
/// </param>
/// <param name="BetasPerS">
/// Their rate, in 1/s, likewise: requests come at β/α a second. 0 in a slot without any.
/// </param>
/// <param name="WeekendAlphas">The shapes on Saturdays and Sundays, where they differ.</param>
/// <param name="WeekendBetasPerS">The rates on Saturdays and Sundays, where they differ.</param>
/// <param name="FirstDay">The day of the week that a run begins with.</param>
/// <param name="Waves">Chance for days and slots, and regimes; none by default.</param>
public sealed record GammaSlotsOptions(
    IReadOnlyList<double> Alphas, IReadOnlyList<double> BetasPerS, IReadOnlyList<double>? WeekendAlphas = null,
    IReadOnlyList<double>? WeekendBetasPerS = null, Weekday FirstDay = Weekday.Monday, WaveOptions? Waves = null)
    : IValidated, IArrivalOptions
{
    /// <summary>Minutes in a day.</summary>
    internal const int MinutesPerDay = 1440;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Alphas.Count == 0 || MinutesPerDay % Alphas.Count != 0)
        {
            yield return (
                nameof(Alphas), $"found {Alphas.Count} numbers, expected a divisor of {MinutesPerDay}, as 72");
            yield break;
        }

        (string Name, IReadOnlyList<double>? Values, double Least)[] all =
        [
            (nameof(Alphas), Alphas, 0.01), (nameof(BetasPerS), BetasPerS, 0),
            (nameof(WeekendAlphas), WeekendAlphas, 0.01), (nameof(WeekendBetasPerS), WeekendBetasPerS, 0),
        ];
        foreach ((string name, IReadOnlyList<double>? values, double least) in all.Where(a => a.Values is not null))
        {
            if (values!.Count != Alphas.Count)
            {
                yield return (name, $"found {values.Count} numbers, expected {Alphas.Count}, as many as alphas");
            }

            foreach (double value in values.Where(v => !(v >= least && v <= 1e6)).Take(1))
            {
                yield return (name, $"found {value}, expected numbers from {least} to 1e6");
            }
        }

        if (BetasPerS.All(b => b == 0))
        {
            yield return (nameof(BetasPerS), "found only zeros, expected some number above 0");
        }
    }

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with
    {
        BetasPerS = [.. BetasPerS.Select(b => b * factor)],
        WeekendBetasPerS = WeekendBetasPerS is null ? null : [.. WeekendBetasPerS.Select(b => b * factor)],
    };

    /// <summary>Half of each shape at the same rate: half of each β too.</summary>
    public IArrivalOptions Burstier() => (GammaSlotsOptions)Times(0.5) with
    {
        Alphas = [.. Alphas.Select(a => a / 2)],
        WeekendAlphas = WeekendAlphas is null ? null : [.. WeekendAlphas.Select(a => a / 2)],
    };
}

/// <summary>A day of the week.</summary>
public enum Weekday
{
    /// <summary>The first working day.</summary>
    Monday,

    /// <summary>The second.</summary>
    Tuesday,

    /// <summary>The third.</summary>
    Wednesday,

    /// <summary>The fourth.</summary>
    Thursday,

    /// <summary>The last working day.</summary>
    Friday,

    /// <summary>The first day of the weekend.</summary>
    Saturday,

    /// <summary>The second.</summary>
    Sunday,
}

/// <summary>
/// Gamma gaps whose parameters follow the time of day and the kind of day (BurstGPT, KDD'25). A gap that begins in a
/// slot has its shape; where it reaches into the next, the rest of it runs at that one's rate.
/// </summary>
public sealed class SlotArrivals : IArrivals
{
    private const int Workdays = 5;
    private const int DaysPerWeek = 7;

    private readonly GammaSlotsOptions _options;
    private readonly WaveClock _clock;
    private readonly RandomStream _gaps;

    /// <summary>The process of options without problems.</summary>
    public SlotArrivals(GammaSlotsOptions options, RandomStreams streams)
    {
        _options = options;
        int slots = options.Alphas.Count;
        SimTime slot = SimTime.FromSeconds(GammaSlotsOptions.MinutesPerDay / slots * 60.0);
        _clock = new WaveClock(
            slot, slots, options.Waves, (day, s) => BetaOf(day, s) / AlphaOf(day, s), streams);
        _gaps = streams.Stream(ArrivalRate.Stream);
    }

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index)
    {
        (int day, int slot) = _clock.SlotOf(previous);
        double alpha = AlphaOf(day, slot);
        Draws draws = _gaps.At(index);
        return _clock.After(previous, draws.NextGamma(alpha) / alpha);
    }

    private double AlphaOf(int day, int slot) =>
        (IsWeekend(day) ? _options.WeekendAlphas ?? _options.Alphas : _options.Alphas)[slot];

    private double BetaOf(int day, int slot) =>
        (IsWeekend(day) ? _options.WeekendBetasPerS ?? _options.BetasPerS : _options.BetasPerS)[slot];

    private bool IsWeekend(int day) => ((int)_options.FirstDay + day) % DaysPerWeek >= Workdays;
}
