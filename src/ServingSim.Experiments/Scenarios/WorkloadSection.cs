using System.ComponentModel;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>What comes in.</summary>
/// <param name="Source">Where requests come from.</param>
/// <param name="Labels">Labels that every request carries.</param>
/// <param name="Arrivals">When requests arrive, for a source that makes them up.</param>
/// <param name="Lengths">Prompt and output lengths together, for a source that makes them up.</param>
/// <param name="PromptTokens">Prompt lengths, where the two are drawn independently.</param>
/// <param name="OutputTokens">Output lengths, where the two are drawn independently.</param>
/// <param name="Priority">
/// Added to the priority of every request: lower is more urgent. Only policy <c>priority</c> reads it.
/// </param>
/// <param name="Prediction">
/// What policies may know of how long outputs will be; without it nobody predicts. Of the parts of a mix, each has its
/// own.
/// </param>
public sealed record WorkloadSection(
    PartChoice<IWorkload, WorkloadContext> Source,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, string> Labels,
    PartChoice<IArrivals, RandomStreams>? Arrivals = null,
    PartChoice<IJointLengths, RandomStreams>? Lengths = null,
    PartChoice<ILengths, RandomStreams>? PromptTokens = null,
    PartChoice<ILengths, RandomStreams>? OutputTokens = null,
    int Priority = 0,
    PredictionOptions? Prediction = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Lengths is not null && (PromptTokens is not null || OutputTokens is not null))
        {
            yield return (nameof(Lengths), "is given beside prompt_tokens or output_tokens; expected one or the other");
        }

        if (PromptTokens is null != OutputTokens is null)
        {
            yield return (null, "only one of prompt_tokens and output_tokens is given; expected both");
        }

        // Labels are written as "name=value;name=value" in results
        foreach ((string name, string value) in Labels.Where(l => IsNoLabel(l.Key, l.Value)))
        {
            yield return (nameof(Labels), $"found {name}: {value}, expected a name, and no ';', '=' or line break");
        }
    }

    /// <summary>
    /// Whether the same requests come at the same times whoever answers them, and however late; of a mix, all parts'.
    /// </summary>
    internal bool IsOpenLoop => Source.Options switch
    {
        MixOptions mix => mix.Parts.All(part => part.IsOpenLoop),
        SyntheticOptions or ServiceOptions or BurstGptPerfOptions or ITraceOptions => true,
        _ => false,
    };

    /// <summary>
    /// Whether the workload decides how many requests come per second, and not those who answer a fixed number of
    /// clients; of a mix, all parts.
    /// </summary>
    internal bool HasRate => Source.Options switch
    {
        MixOptions mix => mix.Parts.All(part => part.HasRate),
        ClosedLoopOptions => false,
        _ => true,
    };

    /// <summary>
    /// Where predictions are missing, by the keys that lead there; <paramref name="path"/> leads here.
    /// </summary>
    internal IEnumerable<string> MissingPredictions(string path) => Source.Options is MixOptions mix
        ? mix.Parts.SelectMany((part, i) => part.MissingPredictions($"{path}.source.parts.{i}"))
        : Prediction is null ? [$"{path}.prediction"] : [];

    /// <summary>Whether a label and its value cannot be told apart in results.</summary>
    internal static bool IsNoLabel(string name, string value) =>
        name.Length == 0 || $"{name}{value}".AsSpan().ContainsAny(";=\n\r");
}
