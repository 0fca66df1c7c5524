using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// How many requests of a workload a replica can do per second, by its latency model and the means of the workload.
/// </summary>
internal sealed class ReplicaThroughput
{
    private readonly WorkloadProfile _profile;
    private readonly ILatencyModel _latency;
    private readonly EngineConfig _engine;
    private readonly double _prefillTokens;
    private readonly double _decodes;
    private readonly int _mostDecodes;

    internal ReplicaThroughput(PoolSection pool, WorkloadProfile profile)
    {
        _profile = profile;
        _engine = EngineResolution.Resolve(pool);
        _latency = LatencyResolution.Resolve(pool);

        // The last prompt token's step gives the first output token; of a cached prompt one token is computed anyway
        _prefillTokens = Math.Max(1, _engine.EnablePrefixCaching ? profile.NewPromptTokens : profile.PromptTokens);
        _decodes = Math.Max(0, profile.OutputTokens - 1);
        double kvTokens = (_engine.NumGpuBlocks - 1.0) * _engine.BlockSize;
        double perDecode = 1 + (_decodes > 0 ? _prefillTokens / _decodes : 0);
        double running = Math.Min(_engine.MaxNumSeqs, kvTokens / Math.Max(1, profile.ContextTokens));
        _mostDecodes = (int)Math.Max(1, Math.Min(
            running / _engine.PipelineStages, _engine.MaxNumBatchedTokens / perDecode));
    }

    /// <summary>Seconds that the mean prompt takes alone, in as many steps as it needs.</summary>
    internal double PrefillS
    {
        get
        {
            int tokens = (int)Math.Min(_prefillTokens, _engine.MaxNumBatchedTokens);
            StepTime time = _latency.TimeOf(new StepShape([new PrefillChunk(Math.Max(1, tokens), 0)], 0, 0, 1));
            return time.Sum.TotalSeconds * _prefillTokens / Math.Max(1, tokens);
        }
    }

    /// <summary>Prompts per second in steps full of nothing but prefills.</summary>
    internal double PrefillsPerS
    {
        get
        {
            double prompts = Math.Min(_engine.MaxNumSeqs, _engine.MaxNumBatchedTokens / _prefillTokens);
            return prompts / (TimeMs(0, prompts * _prefillTokens) / 1e3);
        }
    }

    /// <summary>
    /// The greatest throughput of steps no longer than a limit, and the decodes in flight; none where one decode takes
    /// longer.
    /// </summary>
    internal (double RequestsPerS, int Decodes) Best(double limitMs)
    {
        if (_decodes < 1e-9)
        {
            return (PrefillsPerS, 1);
        }

        (double PerS, int Decodes) best = (0, 1);
        for (double batch = 1; ; batch = Math.Min(_mostDecodes, Math.Ceiling(batch * 1.1)))
        {
            double stepMs = StepMs((int)batch, withPrefill: true);
            double perS = batch / _decodes / (stepMs / 1e3);
            if (stepMs * _engine.PipelineStages <= limitMs && perS > best.PerS)
            {
                best = (perS, (int)batch * _engine.PipelineStages);
            }

            if (batch >= _mostDecodes)
            {
                return best;
            }
        }
    }

    /// <summary>How long a step of so many decodes takes, with the prefills that keep their number or not.</summary>
    internal double StepMs(int decodes, bool withPrefill) =>
        TimeMs(decodes, withPrefill && _decodes > 0 ? decodes * _prefillTokens / _decodes : 0);

    private double TimeMs(int decodes, double prefillTokens)
    {
        List<PrefillChunk> chunks = [];
        for (double rest = Math.Round(prefillTokens); rest >= 1; rest -= _prefillTokens)
        {
            chunks.Add(new PrefillChunk((int)Math.Max(1, Math.Min(rest, _prefillTokens)), 0));
        }

        long context = (long)(decodes * _profile.ContextTokens);
        StepTime time = _latency.TimeOf(new StepShape([.. chunks], decodes, context, decodes + chunks.Count));
        if (_engine.PipelineStages > 1)
        {
            // Steps of so many requests, one in each stage
            return Math.Max(time.Host.TotalMilliseconds, time.Device.TotalMilliseconds / _engine.PipelineStages);
        }

        SimTime period = _engine.MaxPlansInFlight > 1 ? SimTime.Later(time.Host, time.Device) : time.Sum;
        return period.TotalMilliseconds;
    }
}
