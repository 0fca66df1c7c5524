using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What no replica exceeds, whatever it is asked: by its latency model, of which it is only used that more work does
/// not make a step shorter. Prefills and decodes are taken apart, as if the others of a step took no time; with plans
/// in flight, as if the host's and the device's time always overlapped.
/// </summary>
internal sealed class ReplicaPeak
{
    private const double Grid = 1.02;
    private readonly ILatencyModel _latency;
    private readonly bool _overlaps;
    private readonly int _stages;

    internal ReplicaPeak(ILatencyModel latency, EngineConfig engine)
    {
        (_latency, _stages) = (latency, engine.PipelineStages);
        _overlaps = engine.MaxPlansInFlight + _stages > 2;
        LeastDecodeS = DecodeS(1, stages: 1);
        DecodesPerS = Enumerable.Range(1, engine.MaxNumSeqs).Max(n => n / DecodeS(n, _stages));
        PrefillTokensPerS = MostPrefillTokensPerS(engine.MaxNumBatchedTokens);
    }

    /// <summary>The time of the shortest step that decodes, in seconds.</summary>
    internal double LeastDecodeS { get; }

    /// <summary>Decodes per second, at most <c>max_num_seqs</c> a step, each of which attends to itself only.</summary>
    internal double DecodesPerS { get; }

    /// <summary>Prompt tokens per second, at most <c>max_num_batched_tokens</c> a step.</summary>
    internal double PrefillTokensPerS { get; }

    private double DecodeS(int decodes, int stages) =>
        SecondsOf(_latency.TimeOf(new StepShape([], decodes, decodes, 0)), stages);

    /// <summary>The time from step to step, the stages of a pipeline taking equally long: none can do better.</summary>
    private double SecondsOf(StepTime time, int stages) => _overlaps
        ? Math.Max(time.Host.TotalSeconds, time.Device.TotalSeconds / stages)
        : time.Sum.TotalSeconds;

    private double MostPrefillTokensPerS(int most)
    {
        double best = 0;
        for (int from = 1; from <= most;)
        {
            // Between two points of the grid, a step computes no more than at the end in no less than at the start;
            // on the host one chunk is the fewest
            int to = (int)Math.Min(most, from * Grid);
            SimTime host = _latency.TimeOf(new StepShape([new PrefillChunk(from, 0)], 0, 0, 0)).Host;
            best = Math.Max(best, to / SecondsOf(new StepTime(host, LeastPrefill(from)), _stages));
            from = to + 1;
        }

        return best;
    }

    /// <summary>
    /// The device's least time for so many prompt tokens, in chunks of about one length. By most models chunks of one
    /// token take least, as they attend to least; by measured tables, that go on in proportion beyond the prompts
    /// measured, fewer may.
    /// </summary>
    private SimTime LeastPrefill(int tokens)
    {
        SimTime least = SimTime.Max;
        for (int length = 1; ; length = (int)Math.Min(tokens, 2L * length))
        {
            PrefillChunk[] chunks = new PrefillChunk[((tokens - 1) / length) + 1];
            Array.Fill(chunks, new PrefillChunk(length, 0));
            chunks[^1] = new PrefillChunk(tokens - (length * (chunks.Length - 1)), 0);
            SimTime device = _latency.TimeOf(new StepShape(chunks, 0, 0, 0)).Device;
            least = device < least ? device : least;
            if (length == tokens)
            {
                return least;
            }
        }
    }
}
