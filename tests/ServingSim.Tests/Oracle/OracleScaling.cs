namespace ServingSim.Tests.Oracle;

/// <summary>How a pool's number of engines changes, in <see cref="OracleClusterScenario"/>.</summary>
/// <param name="Initial">Engines that it begins with.</param>
/// <param name="Min">At least so many.</param>
/// <param name="ColdStart">Ticks from the decision until one serves.</param>
internal sealed record OracleScaling(int Initial, int Min, long ColdStart)
{
    /// <summary>By schedule: so many from when on. Else none.</summary>
    public IReadOnlyList<(long At, int Engines)> Counts { get; init; } = [];

    /// <summary>Ticks between looks; null by schedule.</summary>
    public long? Every { get; init; }

    /// <summary>It looks no more from then on.</summary>
    public long Until { get; init; }

    /// <summary>By thresholds: it decides at so many looks; null by hpa.</summary>
    public int? LooksOfDecision { get; init; }

    /// <summary>By thresholds: one more above and one fewer below.</summary>
    public (double Up, double Down, int Grace) Thresholds { get; init; }

    /// <summary>By hpa: what the metric should be of an engine, and the ticks in which it remembers.</summary>
    public (double Target, long Stabilization) Hpa { get; init; }

    /// <summary>By hpa: in so many ticks so many more, or percent more, and percent fewer at most.</summary>
    public (long Ticks, int Pods, int Percent, int PercentDown) Policies { get; init; }

    /// <summary>What is measured: 0 waiting, 1 waiting and running, 2 the share of used blocks, 3 unended.</summary>
    public int Metric { get; init; }

    public override string ToString() =>
        $"{Initial} from {Min} after {ColdStart}: counts {string.Join(' ', Counts)}, every {Every} until {Until}, "
        + $"thresholds {LooksOfDecision} {Thresholds}, hpa {Hpa} {Policies}, metric {Metric}";
}
