namespace ServingSim.Tests.Oracle;

/// <summary>A client's request in <see cref="OracleCluster"/>: where its present attempt stands.</summary>
internal sealed class OracleClient(OracleRequest request)
{
    private OracleHandover? _handover;

    public OracleRequest Request => request;

    public int Attempts { get; set; }

    /// <summary>The engine that has it, and as what; null between engines and when nobody has it.</summary>
    public int? Engine { get; set; }

    public OracleSequence? Sequence { get; set; }

    /// <summary>Its way from a prefill to a decode engine.</summary>
    public OracleHandover? Handover
    {
        get => _handover;
        set
        {
            _handover = value;
            if (value is not null)
            {
                Handovers.Add(value);
            }
        }
    }

    /// <summary>Those of earlier attempts, too.</summary>
    public List<OracleHandover> Handovers { get; } = [];

    /// <summary>When the present attempt is given up; null when it is not under way.</summary>
    public long? Deadline { get; set; }

    /// <summary>When it tries again.</summary>
    public long? RetryAt { get; set; }

    /// <summary>How it ended.</summary>
    public string? Outcome { get; set; }
}

/// <summary>A prefilled request on its way.</summary>
internal sealed class OracleHandover(OracleClient client, int from, OracleSequence prefill, long finished)
{
    public OracleClient Client => client;

    public int From => from;

    public OracleSequence Prefill => prefill;

    public long Finished => finished;

    /// <summary>
    /// Whether the prefill engine still has its KV: one that was preempted while its token was computed has none.
    /// </summary>
    public bool HoldsKv { get; set; } = prefill.Blocks.Count > 0;

    public int? To { get; set; }

    public OracleSequence? Decode { get; set; }

    public bool IsAbandoned { get; set; }

    /// <summary>When its first byte moves; null while nobody reads.</summary>
    public long? Begins { get; set; }

    /// <summary>When reading KV that is gone will have failed.</summary>
    public long? FailsAt { get; set; }

    /// <summary>Bytes that have not moved, times the ticks of a second.</summary>
    public Int128 Left { get; set; }

    /// <summary>Whether the decode engine reads it, or is about to.</summary>
    public bool IsReading => Begins is not null;
}
