using CsCheck;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// A small random fleet of prefill and decode engines, what its clients put up with, and what breaks.
/// </summary>
/// <param name="Engine">All engines' configuration, and the requests.</param>
/// <param name="Prefill">Prefill engines.</param>
/// <param name="Decode">Decode engines.</param>
internal sealed record OracleClusterScenario(OracleScenario Engine, int Prefill, int Decode)
{
    /// <summary>The share of a decode engine's blocks of hand-off distserve; null: hand-off nixl.</summary>
    public double? WaitingBlocksShare { get; init; }

    /// <summary>Ticks after which nixl gives up KV that nobody reads.</summary>
    public long PinTimeout { get; init; }

    /// <summary>Bytes of a block.</summary>
    public long BlockBytes { get; init; }

    /// <summary>Bytes a tick of every port.</summary>
    public int PortBytes { get; init; }

    /// <summary>Ticks from asking for KV to its first byte.</summary>
    public long Latency { get; init; }

    /// <summary>Ticks after which a client gives an attempt up; null: never.</summary>
    public long? Timeout { get; init; }

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; init; }

    /// <summary>Ticks before a retry.</summary>
    public long Backoff { get; init; }

    /// <summary>When engines break, which, and for how long; by time.</summary>
    public IReadOnlyList<(long At, int Engine, long Lasts)> Crashes { get; init; } = [];

    /// <summary>Whether a request fails whose KV cannot be read; else its prompt is computed again. Of nixl.</summary>
    public bool FailsWithoutKv { get; init; }

    /// <summary>When links of engines move less.</summary>
    public IReadOnlyList<OracleLinkFault> LinkFaults { get; init; } = [];

    /// <summary>How the pools' numbers change, of which there are as many as can be; null: they do not.</summary>
    public (OracleScaling Prefill, OracleScaling Decode)? Scaling { get; init; }

    /// <summary>GPUs that all engines may have together, each one; null: as many as their scalers want.</summary>
    public int? GpuBudget { get; init; }

    /// <summary>Fleets in which all of this happens.</summary>
    public static Gen<OracleClusterScenario> Any { get; } =
        from engine in OracleScenario.Any
        from isAsync in Gen.Bool
        from stages in Gen.OneOf(
            Gen.Const(Array.Empty<OracleStage>()),
            Gen.Const(Array.Empty<OracleStage>()),
            Gen.Select(Gen.Long[1, 5], Gen.Long[0, 3], (own, each) => new OracleStage(own, each)).Array[2, 4])
        from hostStep in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 3], Gen.Long[0, 1000])
        from hostSequence in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 2], Gen.Long[0, 100])
        from late in Gen.Bool
        from prefill in Gen.Int[1, 3]
        from decode in Gen.Int[1, 3]
        from share in Gen.OneOf(Gen.Const((double?)null), Gen.Double[0.01, 1].Select(s => (double?)s))
        from pin in Gen.OneOf(Gen.Long[1, 50], Gen.Long[50, 5_000])
        from bytes in Gen.Long[1, 60]
        from port in Gen.Int[1, 8]
        from latency in Gen.Long[1, 20]
        from patience in Gen.OneOf(Gen.Const(0L), Gen.Long[1, 100], Gen.Long[1, 2_000])
        from retries in Gen.Int[0, 3]
        from backoff in Gen.Long[1, 200]
        from crashes in Gen.Select(Gen.Long[1, 600], Gen.Int[0, 5], Gen.Long[1, 300]).Array[0, 3]
        from fails in Gen.Bool
        from links in Gen.Select(
            Gen.Long[1, 600],
            Gen.Int[0, prefill + decode - 1],
            Gen.Long[1, 300],
            Gen.OneOf(Gen.Const(0), Gen.Int[1, 999_999]),
            (at, of, lasts, left) => new OracleLinkFault(at, of, lasts, left)).Array[0, 5]
        from scales in Gen.Bool
        from forPrefill in AnyScaling(prefill)
        from forDecode in AnyScaling(decode)
        from spare in Gen.OneOf(Gen.Const((int?)null), Gen.Int[0, 3].Select(s => (int?)s))
        select new OracleClusterScenario(
            engine with
            {
                Config = engine.Config with
                {
                    Profile = late ? OracleProfile.VllmV1Late : OracleProfile.VllmV1,
                    ReserveFullIsl = late,
                    AsyncScheduling = isAsync && stages.Length == 0,
                    Stages = stages,
                },
                Latency = engine.Latency with
                {
                    HostStep = isAsync ? hostStep : 0,
                    HostSequence = isAsync ? hostSequence : 0,
                },
            },
            prefill,
            decode)
        {
            WaitingBlocksShare = share,
            PinTimeout = pin,
            BlockBytes = bytes,
            PortBytes = port,
            Latency = latency,
            Timeout = patience == 0 ? null : patience,
            Retries = retries,
            Backoff = backoff,
            Crashes = Apart(crashes, prefill + decode),
            FailsWithoutKv = fails && share is null,
            LinkFaults = links,
            Scaling = scales ? (forPrefill, forDecode) : null,
            GpuBudget = scales ? forPrefill.Initial + forDecode.Initial + spare : null,
        };

    /// <summary>By schedule, thresholds or hpa.</summary>
    private static Gen<OracleScaling> AnyScaling(int most) =>
        from initial in Gen.Int[1, most]
        from min in Gen.Int[1, initial]
        from cold in Gen.OneOf(Gen.Long[1, 20], Gen.Long[1, 300])
        from kind in Gen.Int[0, 2]
        from counts in Gen.Select(Gen.Long[1, 300], Gen.Int[1, most]).Array[1, 8]
        from every in Gen.Long[5, 100]
        from looks in Gen.Int[1, 4]
        from metric in Gen.Int[0, kind == 1 ? 1 : 3]
        from up in Gen.Double[0.1, 3]
        from down in Gen.Double[0, 1]
        from grace in Gen.Int[0, 3]
        from target in Gen.Double[0.1, 3]
        from stable in Gen.Long[0, 400]
        from period in Gen.Long[1, 300]
        from pods in Gen.Int[1, 3]
        from percent in Gen.Int[0, 200]
        from percentDown in Gen.Int[1, 100]
        let byUsage = kind == 1 && metric == 1
        select new OracleScaling(initial, min, cold)
        {
            Counts = kind > 0 ? [] : [.. counts.Select((c, i) => (counts[..(i + 1)].Sum(e => e.Item1), c.Item2))],
            Every = kind > 0 ? every : null,
            Until = 3_000,
            LooksOfDecision = kind == 1 ? looks : null,
            Thresholds = byUsage ? (up / 3, up * down / 3.1, grace) : (up, up * down / 1.1, grace),
            Hpa = (target, stable),
            Policies = (period, pods, percent, percentDown),
            Metric = byUsage ? 2 : metric,
        };

    /// <summary>No engine breaks again before it works.</summary>
    private static List<(long At, int Engine, long Lasts)> Apart(
        (long At, int Engine, long Lasts)[] drawn, int engines)
    {
        List<(long At, int Engine, long Lasts)> crashes = [];
        foreach ((long at, int engine, long lasts) in drawn.OrderBy(c => c.At))
        {
            if (!crashes.Exists(c => c.Engine == engine % engines && at <= c.At + c.Lasts))
            {
                crashes.Add((at, engine % engines, lasts));
            }
        }

        return crashes;
    }

    public override string ToString() =>
        $"{Prefill} + {Decode}, share {WaitingBlocksShare}, pin {PinTimeout}, {BlockBytes} B a block, {PortBytes} B a "
        + $"tick, latency {Latency}, timeout {Timeout}, {Retries} retries after {Backoff}, "
        + $"crashes {string.Join(' ', Crashes)}, links {string.Join(' ', LinkFaults)}, fails {FailsWithoutKv}, "
        + $"scaling {Scaling} with {GpuBudget} GPUs\n{Engine}";
}

/// <summary>A fault of an engine's ports.</summary>
/// <param name="At">When it begins.</param>
/// <param name="Engine">Whose.</param>
/// <param name="Lasts">How long, in ticks.</param>
/// <param name="Millionths">What it leaves.</param>
internal sealed record OracleLinkFault(long At, int Engine, long Lasts, int Millionths);
