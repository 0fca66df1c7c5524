using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// Options of <c>llm-d</c>: the weights of its scorers, each of which gives a replica 0 … 1; 0 leaves one out.
/// </summary>
/// <param name="QueueWeight">Of the waiting gauge: 1 for the shortest queue, 0 for the longest.</param>
/// <param name="KvCacheWeight">Of the KV cache's usage: 1 less that.</param>
/// <param name="PrefixWeight">Of the prefix: the share of the prompt's blocks that are known to be there.</param>
/// <param name="RunningWeight">Of the running gauge, as the waiting one.</param>
/// <param name="LoadAwareWeight">Of the waiting gauge by itself: 0.5 with none, down to 0 with 128.</param>
/// <param name="ActiveRequestWeight">Of the router's own count of unended requests: 1 less its share of most.</param>
/// <param name="TokenLoadWeight">Of the prompt tokens of those: 1 with none, down to 0 with 4,194,304.</param>
/// <param name="SessionAffinityWeight">Of the replica that the session's last request was sent to: 1.</param>
/// <param name="SessionLabel">The label whose value names a session.</param>
/// <param name="Picker">How scores make a choice.</param>
/// <param name="Prefix">How the router knows who holds which prefix.</param>
/// <param name="BlockTokens">Approximate prefixes: tokens in a block (64 characters at 4 a token).</param>
/// <param name="MaxPrefixBlocks">Approximate prefixes: blocks of a prompt that are looked at.</param>
/// <param name="LruCapacity">Approximate prefixes: blocks remembered of each replica.</param>
public sealed record LlmdOptions(
    double QueueWeight = 2,
    double KvCacheWeight = 2,
    double PrefixWeight = 3,
    double RunningWeight = 0,
    double LoadAwareWeight = 0,
    double ActiveRequestWeight = 0,
    double TokenLoadWeight = 0,
    double SessionAffinityWeight = 0,
    string SessionLabel = "session",
    LlmdPicker Picker = LlmdPicker.MaxScore,
    LlmdPrefix Prefix = LlmdPrefix.Approximate,
    int BlockTokens = 16,
    int MaxPrefixBlocks = 256,
    int LruCapacity = 31_250) : IValidated, ILabelOptions
{
    /// <inheritdoc/>
    public (string Parameter, string Label)? RequiredLabel =>
        SessionAffinityWeight > 0 ? (nameof(SessionLabel), SessionLabel) : null;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        (string Name, double Weight)[] weights =
        [
            (nameof(QueueWeight), QueueWeight),
            (nameof(KvCacheWeight), KvCacheWeight),
            (nameof(PrefixWeight), PrefixWeight),
            (nameof(RunningWeight), RunningWeight),
            (nameof(LoadAwareWeight), LoadAwareWeight),
            (nameof(ActiveRequestWeight), ActiveRequestWeight),
            (nameof(TokenLoadWeight), TokenLoadWeight),
            (nameof(SessionAffinityWeight), SessionAffinityWeight),
        ];
        foreach ((string name, double weight) in weights.Where(w => !(w.Weight is >= 0 and <= 1e6)))
        {
            yield return (name, $"found {weight}, expected a number from 0 to 1e6");
        }

        if (SessionLabel.Length == 0)
        {
            yield return (nameof(SessionLabel), "found empty text, expected a label's name");
        }

        (string Name, int Number)[] counts =
        [
            (nameof(BlockTokens), BlockTokens),
            (nameof(MaxPrefixBlocks), MaxPrefixBlocks),
            (nameof(LruCapacity), LruCapacity),
        ];
        foreach ((string name, int number) in counts.Where(c => c.Number < 1))
        {
            yield return (name, $"found {number}, expected at least 1");
        }
    }
}

/// <summary>How scores make a choice.</summary>
public enum LlmdPicker
{
    /// <summary>The highest, ties drawn.</summary>
    MaxScore,

    /// <summary>Drawn with the scores as weights; all alike where all are 0.</summary>
    WeightedRandom,

    /// <summary>All alike, whatever the scores.</summary>
    Random,
}

/// <summary>How a router knows who holds which prefix.</summary>
public enum LlmdPrefix
{
    /// <summary>By what it sent there lately.</summary>
    Approximate,

    /// <summary>By the replicas' events of blocks stored and removed.</summary>
    Precise,
}

/// <summary>
/// llm-d's scheduler (and the Gateway API Inference Extension's, 2026): a weighted sum of scores, and a picker. Gauges
/// are as old as the cluster's scraping makes them.
/// </summary>
public sealed class LlmdRouter : IRouter
{
    private const double LoadAwareLimit = 128;
    private const double TokenLoadLimit = 4_194_304;

    private readonly LlmdOptions _options;
    private readonly RouterContext _context;
    private readonly RecentPrefixes _approximate;
    private readonly IPrefixOverlaps _prefixes;
    private readonly Dictionary<string, int> _sessions = [];
    private double[] _scores = [];
    private ReplicaGauges[] _gauges = [];

    /// <summary>A router that has sent nothing yet.</summary>
    public LlmdRouter(LlmdOptions options, RouterContext context)
    {
        (_options, _context) = (options, context);
        _approximate = new RecentPrefixes(options.BlockTokens, options.MaxPrefixBlocks, options.LruCapacity);
        _prefixes = options.Prefix == LlmdPrefix.Precise ? new KvEventIndex() : _approximate;
    }

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        _ = Scores(request, replicas);
        return Pick(_scores, _options.Picker, _context.DrawsOf(request));
    }

    /// <inheritdoc/>
    public void Sent(ClientRequest request, ReplicaView replica)
    {
        if (_options.PrefixWeight > 0)
        {
            _prefixes.Sent(request.Prompt, replica);
        }

        if (_options.SessionAffinityWeight > 0 && request.Labels[_options.SessionLabel] is { } session)
        {
            _sessions[session] = replica.Index;
        }
    }

    /// <summary>The replicas' weighted sums of scores; good until the next call.</summary>
    internal IReadOnlyList<double> Scores(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        if (_scores.Length != replicas.Count)
        {
            (_scores, _gauges) = (new double[replicas.Count], new ReplicaGauges[replicas.Count]);
        }

        Array.Clear(_scores);
        AddGauges(replicas);
        if (_options.ActiveRequestWeight > 0)
        {
            int most = replicas.Max(r => r.Outstanding);
            AddEach(
                _options.ActiveRequestWeight,
                i => most == 0 ? 1 : (double)(most - replicas[i].Outstanding) / most);
        }

        AddEach(
            _options.TokenLoadWeight,
            i => 1 - (Math.Min(replicas[i].OutstandingPromptTokens, TokenLoadLimit) / TokenLoadLimit));
        if (_options.SessionAffinityWeight > 0
            && request.Labels[_options.SessionLabel] is { } session
            && _sessions.TryGetValue(session, out int last))
        {
            AddEach(_options.SessionAffinityWeight, i => replicas[i].Index == last ? 1 : 0);
        }

        if (_options.PrefixWeight > 0)
        {
            AddPrefixes(request, replicas);
        }

        return _scores;
    }

    /// <summary>One of some scores.</summary>
    internal static int Pick(ReadOnlySpan<double> scores, LlmdPicker picker, Draws draws)
    {
        if (picker == LlmdPicker.WeightedRandom && !scores.ContainsAnyExceptInRange(0, 0))
        {
            picker = LlmdPicker.Random;
        }

        (double best, int place) = (double.NegativeInfinity, 0);
        for (int i = 0; i < scores.Length; i++)
        {
            // The largest of independent draws: of equal scores' uniform ones, or U^(1/score), in logarithms
            double draw = draws.NextOpenUnit();
            double key = picker == LlmdPicker.WeightedRandom
                ? scores[i] > 0 ? PortableMath.Log(draw) / scores[i] : double.NegativeInfinity
                : draw;
            bool isHigher = picker == LlmdPicker.MaxScore && scores[i] != scores[place]
                ? scores[i] > scores[place]
                : key > best;
            if (isHigher)
            {
                (best, place) = (key, i);
            }
        }

        return place;
    }

    private void AddGauges(IReadOnlyList<ReplicaView> replicas)
    {
        if (_options is { QueueWeight: 0, KvCacheWeight: 0, RunningWeight: 0, LoadAwareWeight: 0 })
        {
            return;
        }

        for (int i = 0; i < _gauges.Length; i++)
        {
            _gauges[i] = replicas[i].Gauges;
        }

        AddSpread(_options.QueueWeight, static gauges => gauges.Waiting);
        AddEach(_options.KvCacheWeight, i => 1 - _gauges[i].KvCacheUsage);
        AddSpread(_options.RunningWeight, static gauges => gauges.Running);
        AddEach(
            _options.LoadAwareWeight,
            i => 0.5 * (1 - (Math.Min(_gauges[i].Waiting, LoadAwareLimit) / LoadAwareLimit)));
    }

    private void AddEach(double weight, Func<int, double> scoreAt)
    {
        for (int i = 0; weight > 0 && i < _scores.Length; i++)
        {
            _scores[i] += weight * scoreAt(i);
        }
    }

    /// <summary>Adds 1 for the lowest of a gauge, 0 for the highest, 1 for all where they are equal.</summary>
    private void AddSpread(double weight, Func<ReplicaGauges, int> gaugeOf)
    {
        if (weight > 0)
        {
            (int least, int most) = (_gauges.Min(gaugeOf), _gauges.Max(gaugeOf));
            AddEach(weight, i => most == least ? 1 : (double)(most - gaugeOf(_gauges[i])) / (most - least));
        }
    }

    private void AddPrefixes(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        IReadOnlyList<int> held = _prefixes.Find(request.Prompt, replicas);
        for (int i = 0; i < replicas.Count; i++)
        {
            int blocks = _options.Prefix == LlmdPrefix.Precise
                ? request.PromptTokens / replicas[i].BlockSize
                : _approximate.BlocksOf(request.Prompt);
            _scores[i] += blocks == 0 ? 0 : _options.PrefixWeight * held[i] / blocks;
        }
    }
}
