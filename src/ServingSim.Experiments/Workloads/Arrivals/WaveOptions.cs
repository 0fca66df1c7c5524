using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>How rates differ from what the hour of the day says.</summary>
/// <param name="DaySigma">
/// Each day's rates are multiplied by a lognormal draw of mean 1, with this standard deviation of the logarithm.
/// </param>
/// <param name="HourSigma">So are those of each hour, or slot where that is longer.</param>
/// <param name="SlotSigma">So are those of each slot of a day.</param>
/// <param name="SlotTime">How long a draw of <c>slot_sigma</c> holds, where not as long as a slot.</param>
/// <param name="Regimes">What multiplies the rates from some instants on; 1 before the first.</param>
public sealed record WaveOptions(
    double DaySigma = 0, double HourSigma = 0, double SlotSigma = 0, SimTime? SlotTime = null,
    IReadOnlyList<RegimeOptions>? Regimes = null) : IValidated
{
    private const double MostSigma = 5;
    private static readonly SimTime Least = SimTime.FromSeconds(1);
    private static readonly SimTime Most = SimTime.FromSeconds(86_400);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        (string, double)[] sigmas =
            [(nameof(DaySigma), DaySigma), (nameof(HourSigma), HourSigma), (nameof(SlotSigma), SlotSigma)];
        foreach ((string name, double sigma) in sigmas)
        {
            if (!(sigma is >= 0 and <= MostSigma))
            {
                yield return (name, $"found {sigma}, expected a number from 0 to {MostSigma}");
            }
        }

        if (SlotTime is { } time && (time < Least || time > Most))
        {
            yield return (nameof(SlotTime), $"found {time}, expected 1s to 1d");
        }

        SimTime last = new(-1);
        foreach (RegimeOptions regime in Regimes ?? [])
        {
            if (regime.From <= last)
            {
                yield return (nameof(Regimes), $"found {regime.From} after {last}, expected rising times from 0");
            }

            if (!(regime.Factor is >= 0 and <= 1e6))
            {
                yield return (nameof(Regimes), $"found the factor {regime.Factor}, expected a number from 0 to 1e6");
            }

            last = regime.From;
        }

        if (Regimes is { Count: > 0 } && Regimes.All(r => r.Factor == 0) && Regimes[0].From == SimTime.Zero)
        {
            yield return (nameof(Regimes), "found only zeros, expected some factor above 0");
        }
    }
}

/// <summary>A time from which rates are other than before.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="Factor">What multiplies the rates until the next; 0 for none.</param>
public sealed record RegimeOptions(SimTime From, double Factor);
