using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// The measured runs from which the numbers come that stand where neither a scenario nor a latency file says any, by
/// the names that files of cases give them: what such a number says of these runs is no prediction.
/// </summary>
internal static class UsualNumbers
{
    /// <summary>Of <see cref="RooflineOptions.UsualStepUs"/>.</summary>
    private static readonly string[] StepRuns =
    [
        "18-llama-3-1-8b-tp1-codegen-1#stage0", "18-llama-3-1-8b-tp1-codegen-1#stage1",
        "19-llama-3-1-8b-tp1-roleplay-1#stage0",
        .. from log in new[]
           {
               "llama-2-7b-tp1-codegen", "llama-2-7b-tp1-roleplay",
               "codellama-34b-tp2-codegen", "codellama-34b-tp2-roleplay",
               "llama-2-70b-hf-tp4-codegen", "llama-2-70b-tp4-roleplay",
               "mixtral-8x7b-v0-1-tp2-codegen", "mixtral-8x7b-v0-1-tp2-roleplay",
           }
           from stage in new[] { 0, 1 }
           select $"{log}#stage{stage}",
    ];

    /// <summary>Of <see cref="HostOverhead.Usual"/>.</summary>
    private static readonly string[] HostRuns =
    [
        .. from requests in new[] { 50, 100, 400 }
           from tokens in new[] { 100, 200, 400 }
           select $"llama/output/_{requests}__1_{tokens}",
    ];

    /// <summary>The runs whose data are in a pool's step times by way of usual numbers.</summary>
    internal static IEnumerable<string> RunsBehind(PoolSection pool)
    {
        if (pool.Latency.Part.Options is RooflineOptions { StepUs: RooflineOptions.UsualStepUs })
        {
            foreach (string run in StepRuns)
            {
                yield return run;
            }
        }

        HostSection? file = pool.Latency.File?.Value.Host;
        bool isHostStated = (pool.Host.MsPerStep ?? file?.MsPerStep) is not null
            && (pool.Host.UsPerSequence ?? file?.UsPerSequence) is not null;
        if (pool.Latency.Part.Options is IDeviceLatencyOptions && !isHostStated)
        {
            foreach (string run in HostRuns)
            {
                yield return run;
            }
        }
    }
}
