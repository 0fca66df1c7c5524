using ServingSim.Engine;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Tests;

/// <summary>Builders of what tests need, with unremarkable defaults.</summary>
internal static class A
{
    public static EngineConfig Config(
        int numGpuBlocks = 1000,
        int blockSize = 16,
        int maxNumBatchedTokens = 8192,
        int maxNumSeqs = 128,
        int? maxModelLen = null,
        bool chunked = true,
        int threshold = 0,
        bool caching = true) =>
        new(
            blockSize,
            numGpuBlocks,
            maxNumBatchedTokens,
            maxNumSeqs,
            maxModelLen ?? Math.Min((numGpuBlocks - 1) * blockSize, chunked ? int.MaxValue : maxNumBatchedTokens),
            chunked,
            threshold,
            caching)
        {
            MaxRunSteps = 1,
        };

    public static ReplicaParts Parts(
        EngineConfig config,
        ILatencyModel? latency = null,
        VllmV1LateOptions? late = null,
        IWaitingQueue? waiting = null)
    {
        EngineProfile profile = late is null ? EngineProfile.VllmV1() : EngineProfile.VllmV1Late(late);
        return new ReplicaParts(
            config,
            profile.Scheduler,
            waiting ?? new FcfsQueue(),
            new LruEviction(new EvictionContext(config.NumGpuBlocks, profile.UnhashedOrder)),
            latency ?? new AffineLatency(1));
    }

    /// <summary>A request that shares nothing, arriving at tick <paramref name="at"/>.</summary>
    public static Request Request(long id, int prompt, int output, long at = 0) =>
        Request(id, output, at, new TokenSegment(TokenStream.OwnOf(id), prompt));

    public static Request Request(long id, int output, long at, params TokenSegment[] prompt) =>
        new(new RequestId(id, 0), PromptContent.Of(prompt), OutputLength.Of(output), new SimTime(at));

    /// <summary>A value as if it came from a file of the configs.</summary>
    public static NamedFile<T> File<T>(T value)
        where T : class => new("a", null, value);

    /// <summary>A stream as the engine logs name it: "sh0", "own3", "out:r7".</summary>
    public static TokenStream Stream(string name) => name switch
    {
        _ when name.StartsWith("sh", StringComparison.Ordinal) => TokenStream.Shared(long.Parse(name[2..])),
        _ when name.StartsWith("own", StringComparison.Ordinal) => TokenStream.OwnOf(long.Parse(name[3..])),
        _ when name.StartsWith("out:r", StringComparison.Ordinal) => TokenStream.OutputOf(long.Parse(name[5..])),
        _ => throw new ArgumentException($"no stream is called {name}"),
    };
}
