using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>One row of a BurstGPT file.</summary>
/// <param name="Line">Its line in the file, from 1 (the header).</param>
/// <param name="Second">When it was submitted, in whole seconds on the trace's own axis.</param>
/// <param name="Model">The model, as the file names it: "ChatGPT", "GPT-4".</param>
/// <param name="LogType">The service, as the file names it: "Conversation log", "API log".</param>
/// <param name="PromptTokens">Request tokens; 0 in most failed rows, whose size is unknown.</param>
/// <param name="OutputTokens">Response tokens; 0 where the request failed.</param>
public readonly record struct BurstGptRow(
    long Line, long Second, string Model, string LogType, int PromptTokens, int OutputTokens)
{
    /// <summary>How long after the second it was submitted; zero but in files that others wrote.</summary>
    public SimTime Fraction { get; init; }

    /// <summary>When it was submitted, on the trace's own axis.</summary>
    internal SimTime Recorded => new SimTime(Second * SimTime.TicksPerSecond) + Fraction;

    /// <summary>Whether the request failed, which BurstGPT records as a response of no tokens.</summary>
    public bool Failed => OutputTokens == 0;

    /// <summary>Whether it failed and not even the prompt's size is known.</summary>
    public bool FailedWithoutSize => Failed && PromptTokens == 0;
}
