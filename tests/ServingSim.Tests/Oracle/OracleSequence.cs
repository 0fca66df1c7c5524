namespace ServingSim.Tests.Oracle;

/// <summary>A request in the engine: what is known and computed of it, and what happened to it.</summary>
internal sealed class OracleSequence
{
    private readonly PrefixNames? _names;
    private readonly string _outputStream;

    /// <summary>A new request. Without <paramref name="names"/> its prefixes have no identity.</summary>
    public OracleSequence(OracleRequest request, PrefixNames? names)
    {
        Request = request;
        _names = names;
        _outputStream = request.OutputStream;
        foreach (OracleSegment segment in request.Prompt)
        {
            for (int i = 0; i < segment.Tokens; i++)
            {
                Append(segment.Stream, i);
            }
        }

        PromptTokens = KnownTokens;
    }

    public OracleRequest Request { get; }

    public int Id => Request.Id;

    public int PromptTokens { get; }

    /// <summary>Prompt and output tokens so far.</summary>
    public int KnownTokens { get; private set; }

    public int OutputTokens => KnownTokens - PromptTokens;

    /// <summary>Tokens whose KV is computed, or will be when the step in flight ends.</summary>
    public int ComputedTokens { get; set; }

    /// <summary>Output tokens that steps in flight will sample (vLLM's num_output_placeholders).</summary>
    public int Placeholders { get; set; }

    /// <summary>Whether a step in a pipeline samples a token of it.</summary>
    public bool AwaitsToken { get; set; }

    /// <summary>The block table.</summary>
    public List<int> Blocks { get; } = [];

    /// <summary>Item i is the identity of the first i + 1 tokens; empty without prefix caching.</summary>
    public List<int> Prefixes { get; } = [];

    /// <summary>
    /// Whether its next token is a decode: since it was last admitted, a step sampled a token or is going to.
    /// </summary>
    public bool IsDecoding { get; set; }

    /// <summary>Refused at arrival: the prompt leaves no room for an output token.</summary>
    public bool IsRefused { get; set; }

    public int Admissions { get; set; }

    public int Preemptions { get; set; }

    /// <summary>Prefix-cache tokens at the first admission.</summary>
    public int? CachedTokens { get; set; }

    /// <summary>Prefix-cache tokens over all admissions.</summary>
    public long HitTokens { get; set; }

    /// <summary>When the first step that computes some of it started, in ticks.</summary>
    public long? FirstScheduledTime { get; set; }

    /// <summary>When each output token appeared, in ticks.</summary>
    public List<long> TokenTimes { get; } = [];

    public long? FirstTokenTime => TokenTimes.Count > 0 ? TokenTimes[0] : null;

    public long? FinishTime { get; set; }

    /// <summary>Whether it was put back into the queue.</summary>
    public bool IsPutBack { get; set; }

    /// <summary>Where the KV of its prompt is.</summary>
    public OracleRemoteKv Kv { get; set; }

    /// <summary>Whether it left unfinished: its client gave up.</summary>
    public bool IsDropped { get; set; }

    /// <summary>The gaps between consecutive output tokens, those across preemptions included, in ticks.</summary>
    public IEnumerable<long> InterTokenTimes => TokenTimes.Zip(TokenTimes.Skip(1), (before, after) => after - before);

    /// <summary>Adds the next output token.</summary>
    public void AppendOutput() => Append(_outputStream, OutputTokens);

    private void Append(string stream, int index)
    {
        KnownTokens++;
        if (_names is not null)
        {
            int before = Prefixes.Count > 0 ? Prefixes[^1] : _names.Root(Request.CacheSalt);
            Prefixes.Add(_names.Extend(before, stream, index));
        }
    }
}
