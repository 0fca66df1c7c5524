using System.ComponentModel;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Clients;

/// <summary>
/// How clients try again. The defaults are those of SGLang's Model Gateway (--retry-max-retries and its neighbours,
/// docs/configuration/resilience.md), which retries in its clients' name.
/// </summary>
/// <param name="InitialBackoff">How long a client waits before its first retry.</param>
/// <param name="MaxBackoff">How long it waits at most, before <paramref name="Jitter"/>.</param>
/// <param name="After">What it tries again after; a request that no replica could ever serve is not retried.</param>
/// <param name="MaxRetries">Attempts after the first.</param>
/// <param name="Multiplier">By what each wait exceeds the one before.</param>
/// <param name="Jitter">Every wait is drawn within this share of itself, below and above, 0 … 1.</param>
public sealed record RetryOptions(
    [property: DefaultValue("50ms")] SimTime InitialBackoff,
    [property: DefaultValue("30s")] SimTime MaxBackoff,
    [property: DefaultValue("[refused, timeout, lost]")] IReadOnlyList<FailureCause> After,
    int MaxRetries = 5,
    double Multiplier = 1.5,
    double Jitter = 0.2) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (MaxRetries < 1)
        {
            yield return (nameof(MaxRetries), $"found {MaxRetries}, expected at least 1");
        }

        if (!(Multiplier is >= 1 and <= 1e3))
        {
            yield return (nameof(Multiplier), $"found {Multiplier}, expected a number from 1 to 1000");
        }

        if (!(Jitter is >= 0 and <= 1))
        {
            yield return (nameof(Jitter), $"found {Jitter}, expected a number from 0 to 1");
        }

        if (InitialBackoff < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(InitialBackoff), $"found {InitialBackoff}, expected at least 1ms");
        }

        if (MaxBackoff < InitialBackoff)
        {
            yield return (nameof(MaxBackoff), $"found {MaxBackoff}, expected at least initial_backoff");
        }

        if (After.Count == 0 || After.Distinct().Count() < After.Count)
        {
            yield return (nameof(After), "expected at least one cause, and each once");
        }
    }

    /// <summary>
    /// How long a client waits before a retry: the first wait times the multiplier as often as it has waited, cut at
    /// the most, and drawn within the jitter. At least one tick: a retry is never at the instant of the failure.
    /// </summary>
    /// <param name="retry">0 for the first retry.</param>
    /// <param name="draws">The retry's chance.</param>
    internal SimTime Backoff(int retry, Draws draws)
    {
        (double seconds, double most) = (InitialBackoff.TotalSeconds, MaxBackoff.TotalSeconds);
        for (int i = 0; i < retry && seconds < most; i++)
        {
            seconds *= Multiplier;
        }

        double jitter = Jitter * ((2 * draws.NextUnit()) - 1);
        return SimTime.Later(SimTime.FromSeconds(Math.Min(seconds, most) * (1 + jitter)), SimTime.OneTick);
    }
}

/// <summary>Why an attempt came to nothing.</summary>
public enum FailureCause
{
    /// <summary>It was turned away.</summary>
    Refused,

    /// <summary>Its client waited too long.</summary>
    Timeout,

    /// <summary>A failure took it.</summary>
    Lost,
}
