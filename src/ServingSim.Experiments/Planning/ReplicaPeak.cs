using ServingSim.Engine;
using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What no replica exceeds, whatever it is asked: by its latency model, of which it is only used that more work does
/// not make a step shorter. Prefills and decodes are taken apart, as if the others of a step took no time.
/// </summary>
internal sealed class ReplicaPeak
{
    private const double Grid = 1.02;
    private readonly ILatencyModel _latency;

    internal ReplicaPeak(ILatencyModel latency, EngineConfig engine)
    {
        _latency = latency;
        LeastDecodeS = DecodeS(1);
        DecodesPerS = Enumerable.Range(1, engine.MaxNumSeqs).Max(n => n / DecodeS(n));
        PrefillTokensPerS = MostPrefillTokensPerS(engine.MaxNumBatchedTokens);
    }

    /// <summary>The time of the shortest step that decodes, in seconds.</summary>
    internal double LeastDecodeS { get; }

    /// <summary>Decodes per second, at most <c>max_num_seqs</c> a step, each of which attends to itself only.</summary>
    internal double DecodesPerS { get; }

    /// <summary>Prompt tokens per second, at most <c>max_num_batched_tokens</c> a step.</summary>
    internal double PrefillTokensPerS { get; }

    private double DecodeS(int decodes) => _latency.TimeOf(new StepShape([], decodes, decodes, 0)).Sum.TotalSeconds;

    private double MostPrefillTokensPerS(int most)
    {
        PrefillChunk[] ones = new PrefillChunk[most];
        Array.Fill(ones, new PrefillChunk(1, 0));
        double best = 0;
        for (int from = 1; from <= most;)
        {
            // Between two points of the grid, a step computes no more than at the end in no less than at the start
            int to = Math.Min(most, (int)(from * Grid));

            // On the device chunks of one token attend to least; on the host one chunk is the fewest
            double deviceS = _latency.TimeOf(new StepShape(ones.AsSpan(0, from), 0, 0, 0)).Device.TotalSeconds;
            double hostS = _latency.TimeOf(new StepShape([new PrefillChunk(from, 0)], 0, 0, 0)).Host.TotalSeconds;
            best = Math.Max(best, to / (deviceS + hostS));
            from = to + 1;
        }

        return best;
    }
}
