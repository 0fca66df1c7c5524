using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// A latency model with its numbers and where they come from: <c>configs/latency/NAME.yaml</c>. The constructor's
/// parameters are the file's keys; coefficients carry their units in their names.
/// </summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Latency">The latency model with its options.</param>
/// <param name="Gpu">The GPU that it was measured on, a name as in <c>configs/gpus</c>; used with no other.</param>
/// <param name="Engine">The engine that ran, such as vLLM.</param>
/// <param name="Version">Its version.</param>
/// <param name="Source">Who measured, and where it can be found.</param>
/// <param name="Licence">The licence of the measurements.</param>
/// <param name="Host">The host of pools that use the file, where they state none themselves.</param>
/// <param name="FittedOn">The rows that the numbers were fitted on.</param>
/// <param name="Covers">Measured runs whose data went into the numbers in any other way.</param>
/// <param name="Model">The model that it was measured with, a name as in <c>configs/models</c>; null where it serves
/// any.</param>
/// <param name="Tp">The tensor parallelism that it was measured with; null where it serves any.</param>
/// <param name="Range">The steps that were measured; null where that is not known.</param>
/// <param name="HeldOut">The errors on rows that were not fitted on; null where there are none.</param>
/// <param name="Residuals">How far fitted and held-out rows are from the model; null where it was not fitted.</param>
/// <param name="About">What else there is to know, such as where numbers come from that were not fitted.</param>
public sealed record LatencyFile(
    [property: AllowedValues(LatencyFile.CurrentSchema)] int Schema,
    PartChoice<ILatencyModel, LatencyContext> Latency,
    string Gpu,
    string Engine,
    string Version,
    string Source,
    string Licence,
    [property: DefaultValue("{}")] HostSection Host,
    [property: DefaultValue("[]")] IReadOnlyList<FittedRows> FittedOn,
    [property: DefaultValue("[]")] IReadOnlyList<string> Covers,
    string? Model = null,
    int? Tp = null,
    StepRange? Range = null,
    HeldOutErrors? HeldOut = null,
    Residuals? Residuals = null,
    string? About = null) : IValidated
{
    /// <summary>The layout of today.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Whether steps were measured, and none with prefill.</summary>
    public bool LacksPrefill => Range is { PrefillTokens: [.., 0] };

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != CurrentSchema)
        {
            yield return (nameof(Schema), $"found {Schema}, expected {CurrentSchema}");
        }

        if (Tp < 1)
        {
            yield return (nameof(Tp), $"found {Tp}, expected at least 1");
        }
    }

    /// <summary>Why it cannot be used with a pool's GPU, model and parallelism; empty where it can.</summary>
    internal IEnumerable<string> Misfits(PoolSection pool)
    {
        if (Gpu != pool.Gpu.Name)
        {
            yield return $"GPU {Gpu}, expected {pool.Gpu.Name}";
        }

        if (Model is not null && Model != pool.Model.Name)
        {
            yield return $"model {Model}, expected {pool.Model.Name}";
        }

        if (Tp is not null && Tp != pool.Parallelism.Tp)
        {
            yield return $"tp {Tp}, expected {pool.Parallelism.Tp}";
        }

        if (Model is not null && pool.Parallelism.Pp != 1)
        {
            yield return $"pp 1, expected {pool.Parallelism.Pp}";
        }
    }

    /// <summary>"two-regime, h100-sxm/llama-3.1-8b, vLLM 0.15.1, ±3 %".</summary>
    public string Provenance()
    {
        string served = Model is null ? Gpu : $"{Gpu}/{Model}";
        string degree = Tp is null ? "" : $" tp {Tp}";
        string version = Version.Length == 0 ? "" : " " + Version;

        // Rooflines are fitted to operators, which tell of no whole steps, in which their errors partly cancel out
        string of = Latency.Options is RooflineOptions ? " an operator" : "";
        string band = HeldOut is null ? "error not stated" : $"±{100 * HeldOut.MedianError:0.#} %{of}";
        return $"{Latency.Name}, {served}{degree}, {Engine}{version}, {band}";
    }
}

/// <summary>Rows of a file that a latency model was fitted on.</summary>
/// <param name="File">The file's name, below the folder of the data.</param>
/// <param name="Sha256">Of the file's bytes, in hexadecimal.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="RowHashes">The first 12 hexadecimal digits of the SHA-256 of each row's raw text; not of all where the
/// rows are too many, and then the whole file counts as fitted on.</param>
public sealed record FittedRows(
    string File, string Sha256, long Rows, [property: DefaultValue("[]")] IReadOnlyList<string> RowHashes);

/// <summary>Errors on rows that a latency model was not fitted on, |predicted / measured - 1|.</summary>
/// <param name="Rows">How many rows.</param>
/// <param name="MedianError">The median, as a fraction.</param>
/// <param name="P90Error">The 90th percentile, as a fraction.</param>
public sealed record HeldOutErrors(long Rows, double MedianError, double P90Error);

/// <summary>Quantiles of predicted / measured - 1, as fractions.</summary>
/// <param name="P5">The 5th percentile.</param>
/// <param name="P25">The 25th percentile.</param>
/// <param name="P50">The median.</param>
/// <param name="P75">The 75th percentile.</param>
/// <param name="P95">The 95th percentile.</param>
public sealed record Residuals(double P5, double P25, double P50, double P75, double P95) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(P5 > -1))
        {
            yield return (nameof(P5), $"found {P5}, expected more than -1: no step takes no time");
        }

        if (!(P5 <= P25 && P25 <= P50 && P50 <= P75 && P75 <= P95))
        {
            yield return (null, $"found {P5}, {P25}, {P50}, {P75}, {P95}, expected quantiles that do not fall");
        }
    }
}
