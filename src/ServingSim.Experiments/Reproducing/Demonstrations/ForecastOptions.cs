using System.ComponentModel;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Options of <c>load-forecast</c>.</summary>
/// <param name="Scenario">A pool whose number of replicas can change.</param>
/// <param name="Margins">By what a forecast is multiplied before replicas are counted, rising.</param>
/// <param name="LearnedShare">The share of the bins, from the first on, that is learned from.</param>
/// <param name="Days">How many days are provisioned for: the last whole workdays that nothing was learned from.</param>
/// <param name="RatePerS">The mean rate of those days, or the nearest to it that whole copies of rows make.</param>
/// <param name="RequestsPerReplicaPerS">What a replica is taken to serve.</param>
/// <param name="Attainment">The share of requests within the SLO that a way of provisioning has to reach.</param>
public sealed record ForecastOptions(
    FilePath Scenario, [property: DefaultValue("[0.8, 1, 1.2, 1.4, 1.7, 2]")] IReadOnlyList<double> Margins,
    double LearnedShare = 0.7, int Days = 6, double RatePerS = 1, double RequestsPerReplicaPerS = 0.5,
    double Attainment = 0.95) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Margins.Count == 0 || Margins.Any(m => !(m is > 0 and <= 1e3)))
        {
            yield return (nameof(Margins), "expected at least one number, each above 0 and at most 1000");
        }

        foreach ((string name, double share) in new[]
        {
            (nameof(LearnedShare), LearnedShare), (nameof(Attainment), Attainment),
        })
        {
            if (!(share is > 0 and < 1))
            {
                yield return (name, $"found {share}, expected a number between 0 and 1");
            }
        }

        foreach ((string name, double rate) in new[]
        {
            (nameof(RatePerS), RatePerS), (nameof(RequestsPerReplicaPerS), RequestsPerReplicaPerS),
        })
        {
            if (!(rate is > 0 and <= 1e6))
            {
                yield return (name, $"found {rate}, expected more than 0 and at most 1e6");
            }
        }

        if (Days < 2)
        {
            yield return (nameof(Days), $"found {Days}, expected at least 2");
        }
    }
}
