using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// What is fitted to which measurements: the keys of a file in <c>configs/calibrations</c>. What it says of GPU, model
/// and engine goes into the latency file.
/// </summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Gpu">The GPU measured, a name as in <c>configs/gpus</c>.</param>
/// <param name="Data">The measurements.</param>
/// <param name="Part">The latency model that is fitted.</param>
/// <param name="Host">The host for pools that use the result; for models that do not state whole steps.</param>
/// <param name="Covers">Measured runs whose data went into the rows in any other way.</param>
/// <param name="Model">The model measured, a name as in <c>configs/models</c>.</param>
/// <param name="Tp">The tensor parallelism measured.</param>
/// <param name="Engine">The engine measured.</param>
/// <param name="Version">Its version.</param>
/// <param name="Source">Who measured, and where it can be found.</param>
/// <param name="Licence">The licence of the measurements.</param>
/// <param name="About">What else there is to know, such as where numbers come from that were not fitted.</param>
/// <param name="HeldOut">The share of rows that the fit does not see and is judged by.</param>
/// <param name="Seed">Decides which rows are held out.</param>
public sealed record Calibration(
    [property: AllowedValues(Calibration.CurrentSchema)] int Schema,
    NamedFile<GpuSpec> Gpu,
    IReadOnlyList<MeasuredFile> Data,
    [property: DefaultValue("two-regime")] PartChoice<ICalibration, CalibrationContext> Part,
    [property: DefaultValue("{}")] HostSection Host,
    [property: DefaultValue("[]")] IReadOnlyList<string> Covers,
    NamedFile<ModelSpec>? Model = null,
    int? Tp = null,
    string Engine = "unstated engine",
    string Version = "",
    string Source = "own measurements",
    string Licence = "unstated",
    string? About = null,
    double HeldOut = 0.2,
    long Seed = 1) : IValidated
{
    private const int CurrentSchema = 1;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != CurrentSchema)
        {
            yield return (nameof(Schema), $"found {Schema}, expected {CurrentSchema}");
        }

        if (Data.Count == 0)
        {
            yield return (nameof(Data), "found no file, expected at least one");
        }

        if (Tp < 1)
        {
            yield return (nameof(Tp), $"found {Tp}, expected at least 1");
        }

        if (HeldOut is not (>= 0 and <= 0.9))
        {
            yield return (nameof(HeldOut), $"found {HeldOut}, expected 0 to 0.9");
        }
    }
}

/// <summary>A CSV file of measurements, and what its columns mean.</summary>
/// <param name="File">The file, below the folder of the data; may be compressed by gzip.</param>
/// <param name="Shape">What a row is; null to tell it by the columns.</param>
/// <param name="Where">Only rows whose every column named here holds one of the values.</param>
/// <param name="Columns">The file's column, or a number that holds for all rows, for each of the shape's columns that
/// is not called so in the file.</param>
public sealed record MeasuredFile(
    string File,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, IReadOnlyList<string>> Where,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, string> Columns,
    MeasuredShape? Shape = null);

/// <summary>What a row of measurements is. Where a shape has ms, a file may have us or ns instead.</summary>
public enum MeasuredShape
{
    /// <summary>
    /// A step, or the mean of like steps: prefill_tokens, decodes, context_tokens (Σ over the decodes), step_ms;
    /// optionally prompt_tokens (of each prompt in the prefill) and prefill_context (tokens cached before each).
    /// </summary>
    Steps,

    /// <summary>
    /// Requests served together: prompt_tokens, batch_size, output_tokens, prompt_ms (until the first tokens), token_ms
    /// (each further).
    /// </summary>
    StaticBatch,

    /// <summary>
    /// A request that was served beside others, all of which are rows: arrival_s, prompt_tokens, output_tokens,
    /// ttft_ms, e2e_ms; optionally cached_tokens (of the prompt, found in a prefix cache) or new_prompt_tokens (the
    /// others).
    /// </summary>
    Requests,

    /// <summary>
    /// A product of m tokens with a matrix of k inputs and n outputs: weight_bits (16, 8, 4.25 for int4 or 4.5 for fp4,
    /// scales included), m, n, k, ms (the quantization of the activations included).
    /// </summary>
    Gemm,

    /// <summary>
    /// The routed experts of a layer: weight_bits, tokens, hidden, width (of an expert), top_k, experts, tp (over how
    /// many GPUs an expert is divided), ep (over how many GPUs whole experts are), ms.
    /// </summary>
    Experts,

    /// <summary>
    /// The attention of a layer: heads, kv_heads (0: as many), head_dim, kv_bytes (2, or 1 for fp8), batch, tokens and
    /// step, ms. Step 0 is prompts of so many tokens, any other a token of each request that attends to tokens + step.
    /// </summary>
    Attention,

    /// <summary>A sum over GPUs: gpus, ms, and elements (of bf16) or bytes.</summary>
    AllReduce,

    /// <summary>
    /// The attention of a layer for one chunk of a prompt beside decodes of equal contexts, either of which may be
    /// missing: heads, kv_heads, head_dim, kv_bytes, prefill_tokens, prefill_context (tokens before the chunk),
    /// decodes, decode_context (tokens that each attends to), ms.
    /// </summary>
    MixedAttention,
}
