using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>
/// What a client asked for, once, however often it is then tried. How long the output will be travels in
/// <see cref="Output"/>, which nothing between workload and replica can read.
/// </summary>
/// <param name="Id">The workload's number for it, from 0 in order of arrival.</param>
/// <param name="Arrival">When the client asked first.</param>
/// <param name="Prompt">What the prompt is made of.</param>
/// <param name="Output">How long the output will be; opaque here.</param>
/// <param name="Labels">What it is labelled with.</param>
public sealed record ClientRequest(
    long Id, SimTime Arrival, PromptContent Prompt, OutputLength Output, Labels Labels)
{
    /// <summary>
    /// The number under which a later prompt quotes its output: that by which the cluster knows the request.
    /// </summary>
    public long OutputId { get; init; } = Id;

    /// <summary>The prompt's length in tokens.</summary>
    public int PromptTokens => Prompt.Tokens;

    /// <summary>Lower is more urgent (vLLM's priority); 0 unless the workload says otherwise.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// How long the workload's predictor believes the output to be, in tokens; null where the workload has none.
    /// </summary>
    public int? PredictedOutputTokens { get; init; }

    /// <summary>How far it has come; null where its client only waits.</summary>
    internal ClientProgress? Progress { get; set; }
}
