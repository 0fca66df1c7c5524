using ServingSim.Engine;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine.Kv;

/// <summary>
/// The engine's KV cache and vLLM's block manager taken literally, led through the same verbs; after each they must
/// agree on hits, on free and evicted blocks and on what the free queue holds, first to last.
/// </summary>
internal sealed class TwinCaches
{
    private readonly OracleKv _literal;
    private readonly KvProbe _probe;
    private readonly List<(Request Request, OracleSequence Sequence, int Prompt)> _live = [];
    private readonly string[] _contents;
    private int _requests;

    public TwinCaches(int blocks, int blockSize, UnhashedOrder order, int longestRun)
    {
        _literal = new OracleKv(new OracleConfig
        {
            Profile = order == UnhashedOrder.Head ? OracleProfile.VllmV1Late : OracleProfile.VllmV1,
            NumGpuBlocks = blocks,
            BlockSize = blockSize,
            MaxModelLen = 1000,
            EnablePrefixCaching = true,
        });
        _probe = new KvProbe(blocks, blockSize, order: order, longestRun: longestRun);
        _contents = new string[blocks];
    }

    /// <summary>
    /// A new request whose prompt <paramref name="seed"/> makes of a few streams; its first
    /// <paramref name="tokens"/> tokens behind the hit are scheduled.
    /// </summary>
    public void Admit(int tokens, int seed)
    {
        int id = _requests++;
        OracleSegment[] prompt =
        [
            new($"sh{seed % 2}", 1 + (seed / 2 % 13)),
            .. Quoted(id, seed),
            .. Last(id, seed),
        ];
        OracleSequence sequence = _literal.Sequence(
            new OracleRequest(id, prompt, 1000, 0) { CacheSalt = seed % 11 == 0 ? "1" : null });
        PromptContent content =
            PromptContent.Of([.. prompt.Select(s => new TokenSegment(A.Stream(s.Stream), s.Tokens))]);
        Request request = new(
            new RequestId(id, 0),
            seed % 11 == 0 ? content.WithSalt(1) : content,
            OutputLength.Of(1000),
            default);

        List<int> hits = _literal.CachedBlocks(sequence);
        int hit = hits.Count * _literal.BlockSize;
        int scheduled = Math.Min(tokens, sequence.KnownTokens - hit);
        bool fits = _literal.TryAllocate(sequence, hits, scheduled);
        Assert.Equal(fits ? hit : null, _probe.Admit(request, scheduled));
        if (fits)
        {
            sequence.ComputedTokens = hit + scheduled;
            _live.Add((request, sequence, sequence.KnownTokens));
        }

        Compare();
    }

    /// <summary>Schedules more tokens of a prompt.</summary>
    public void Prefill(int at, int tokens)
    {
        if (at >= _live.Count || _live[at].Sequence.ComputedTokens >= _live[at].Prompt)
        {
            return;
        }

        (Request request, OracleSequence sequence, int prompt) = _live[at];
        int scheduled = Math.Min(tokens, prompt - sequence.ComputedTokens);
        bool fits = _literal.TryAllocate(sequence, [], scheduled);
        Assert.Equal(fits, _probe.Cache.TryExtend(request, scheduled));
        sequence.ComputedTokens += fits ? scheduled : 0;
        Compare();
    }

    /// <summary>
    /// Generates tokens, as far as blocks suffice, each of which is computed at once; a request short of blocks is
    /// released.
    /// </summary>
    public void Append(int at, int tokens)
    {
        for (int i = 0; i < tokens && at < _live.Count; i++)
        {
            (Request request, OracleSequence sequence, int prompt) = _live[at];
            if (sequence.ComputedTokens < prompt)
            {
                return;
            }

            sequence.AppendOutput();
            bool fits = _literal.TryAllocate(sequence, [], 1);
            Assert.Equal(fits, _probe.Grow(request));
            if (!fits)
            {
                Free(at);
                return;
            }

            sequence.ComputedTokens++;
        }

        Compare();
    }

    /// <summary>Releases a request.</summary>
    public void Free(int at)
    {
        if (at < _live.Count)
        {
            RememberContents(_live[at].Request, _live[at].Sequence);
            _literal.Free(_live[at].Sequence);
            _probe.Free(_live[at].Request);
            _live.RemoveAt(at);
            Compare();
        }
    }

    private static IEnumerable<OracleSegment> Quoted(int id, int seed) => seed % 3 == 0 && id > 0
        ? [new OracleSegment($"out:r{seed % id}", (seed % 9) + 1)]
        : [];

    private static IEnumerable<OracleSegment> Last(int id, int seed) => (seed % 7, seed % 5) switch
    {
        (0, _) => [],
        (_, 0) => [new OracleSegment($"own{id}", (seed % 8) + 1)],
        _ => [new OracleSegment("sh9", (seed % 8) + 1)],
    };

    private void Compare()
    {
        Assert.Equal(_literal.FreeBlocks, _probe.Cache.FreeBlocks);
        Assert.Equal(_literal.Evictions, _probe.Cache.EvictedBlocks);
        string expected = string.Join(
            ' ', _literal.FreeQueue.Select(b => _literal.IsRegistered(b) ? _contents[b] : "-"));
        Assert.Equal(expected, _probe.FreeQueue);
    }

    private void RememberContents(Request request, OracleSequence sequence)
    {
        for (int i = 0; i < sequence.ComputedTokens / _literal.BlockSize; i++)
        {
            _contents[sequence.Blocks[i]] = _probe.NameOf(request, i);
        }
    }
}
