using System.ComponentModel;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>dynamo-kv</c>, under Dynamo's names and with its defaults (2026).</summary>
/// <param name="RouterTtl">Without events: how long a block is believed to be where it was sent.</param>
/// <param name="OverlapScoreWeight">
/// What a block to be prefilled counts for, one in use counting 1; 0 to 1000. At 0 it balances blocks in use alone.
/// </param>
/// <param name="RouterTemperature">
/// 0: the lowest cost, ties drawn; above: drawn with weights e^(−x/T), x being costs over their range.
/// </param>
/// <param name="UseKvEvents">
/// Whether replicas tell which blocks they store and remove; otherwise the router goes by what it sent.
/// </param>
/// <param name="RouterMaxTreeSize">Without events: pairs of block and replica remembered.</param>
/// <param name="RouterPruneTargetRatio">Without events: the share of them that is left when there are more.</param>
/// <param name="RouterTrackActiveBlocks">Whether blocks in use count at all.</param>
/// <param name="RouterAssumeKvReuse">Whether blocks that requests on a replica share are counted once.</param>
public sealed record DynamoKvOptions(
    [property: DefaultValue("120s")] SimTime RouterTtl,
    double OverlapScoreWeight = 1,
    double RouterTemperature = 0,
    bool UseKvEvents = true,
    long RouterMaxTreeSize = 1L << 20,
    double RouterPruneTargetRatio = 0.8,
    bool RouterTrackActiveBlocks = true,
    bool RouterAssumeKvReuse = true) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (RouterTtl <= SimTime.Zero)
        {
            yield return (nameof(RouterTtl), $"found {RouterTtl}, expected more than 0s");
        }

        if (!(OverlapScoreWeight is >= 0 and <= 1000))
        {
            yield return (nameof(OverlapScoreWeight), $"found {OverlapScoreWeight}, expected a number from 0 to 1000");
        }

        if (!(RouterTemperature is >= 0 and <= 1000))
        {
            yield return (nameof(RouterTemperature), $"found {RouterTemperature}, expected a number from 0 to 1000");
        }

        if (RouterMaxTreeSize < 1)
        {
            yield return (nameof(RouterMaxTreeSize), $"found {RouterMaxTreeSize}, expected at least 1");
        }

        if (!(RouterPruneTargetRatio is >= 0 and <= 1))
        {
            yield return (
                nameof(RouterPruneTargetRatio), $"found {RouterPruneTargetRatio}, expected a number from 0 to 1");
        }
    }
}

/// <summary>
/// NVIDIA Dynamo's KV router: the replica with the lowest cost in blocks, weight · (prompt tokens that it would have to
/// compute, those of others that wait for their first token among them) / block size + blocks that would be in use.
/// </summary>
public sealed class DynamoKvRouter : IRouter
{
    private readonly DynamoKvOptions _options;
    private readonly RouterContext _context;
    private readonly ActiveSequences _active = new();
    private readonly IPrefixOverlaps _overlaps;
    private double[] _costs = [];

    /// <summary>A router that has sent nothing yet.</summary>
    public DynamoKvRouter(DynamoKvOptions options, RouterContext context)
    {
        (_options, _context) = (options, context);
        _overlaps = options.UseKvEvents
            ? new KvEventIndex()
            : new ExpiringPrefixes(
                options.RouterTtl,
                options.RouterMaxTreeSize,
                (long)(options.RouterMaxTreeSize * options.RouterPruneTargetRatio));
    }

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        IReadOnlyList<int> overlaps = _overlaps.Find(request.Prompt, replicas);
        int[]? blocks = _options.RouterTrackActiveBlocks
            ? _active.BlocksWith(request, replicas, _options.RouterAssumeKvReuse)
            : null;
        if (_costs.Length != replicas.Count)
        {
            _costs = new double[replicas.Count];
        }

        for (int i = 0; i < replicas.Count; i++)
        {
            long prefillTokens = PrefillTokens(request, replicas[i], overlaps[i]);
            prefillTokens += _active.PrefillTokensOf(replicas[i]);
            double prefillBlocks = (double)prefillTokens / replicas[i].BlockSize;
            _costs[i] = (_options.OverlapScoreWeight * prefillBlocks) + (blocks?[i] ?? 0);
        }

        return Pick(_costs, _options.RouterTemperature, _context.DrawsOf(request));
    }

    /// <inheritdoc/>
    public void Sent(ClientRequest request, ReplicaView replica)
    {
        // Other requests may have been asked about since, and the replica may be none of those that can be chosen now
        long prefillTokens = PrefillTokens(request, replica, _overlaps.Find(request.Prompt, replica));
        _active.Add(request, replica, prefillTokens, _options.RouterAssumeKvReuse);
        _overlaps.Sent(request.Prompt, replica);
    }

    private static long PrefillTokens(ClientRequest request, ReplicaView replica, int overlap) =>
        request.PromptTokens - ((long)overlap * replica.BlockSize);

    /// <summary>
    /// One of some costs: the lowest, or drawn the more probably the lower it is (softmax over costs by their range).
    /// </summary>
    internal static int Pick(ReadOnlySpan<double> costs, double temperature, Draws draws)
    {
        (double least, double most, int equals) = (double.PositiveInfinity, double.NegativeInfinity, 0);
        foreach (double cost in costs)
        {
            equals = cost < least ? 1 : cost == least ? equals + 1 : equals;
            (least, most) = (Math.Min(least, cost), Math.Max(most, cost));
        }

        if (temperature == 0 || least == most)
        {
            int skip = equals == 1 ? 0 : draws.NextIndex(equals);
            int place = 0;
            while (costs[place] != least || skip-- > 0)
            {
                place++;
            }

            return place;
        }

        double total = 0;
        foreach (double cost in costs)
        {
            total += Weight(cost);
        }

        double left = draws.NextUnit() * total;
        for (int i = 0; i < costs.Length - 1; i++)
        {
            left -= Weight(costs[i]);
            if (left < 0)
            {
                return i;
            }
        }

        return costs.Length - 1;

        double Weight(double cost) => PortableMath.Exp((least - cost) / (most - least) / temperature);
    }
}
