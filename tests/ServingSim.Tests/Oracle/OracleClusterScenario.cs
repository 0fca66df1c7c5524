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

    /// <summary>Fleets in which all of this happens.</summary>
    public static Gen<OracleClusterScenario> Any { get; } =
        from engine in OracleScenario.Any
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
        select new OracleClusterScenario(
            engine with
            {
                Config = engine.Config with
                {
                    Profile = late ? OracleProfile.VllmV1Late : OracleProfile.VllmV1,
                    ReserveFullIsl = late,
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
        + $"crashes {string.Join(' ', Crashes)}, links {string.Join(' ', LinkFaults)}, fails {FailsWithoutKv}\n{Engine}";
}

/// <summary>A fault of an engine's ports.</summary>
/// <param name="At">When it begins.</param>
/// <param name="Engine">Whose.</param>
/// <param name="Lasts">How long, in ticks.</param>
/// <param name="Millionths">What it leaves.</param>
internal sealed record OracleLinkFault(long At, int Engine, long Lasts, int Millionths);
