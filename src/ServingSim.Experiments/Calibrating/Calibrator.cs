using System.Security.Cryptography;
using System.Text;
using MathNet.Numerics.Statistics;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Fits a latency model to measurements and says how far it is off.</summary>
public static class Calibrator
{
    /// <summary>
    /// Of more fitted rows those are listed whose hashes are the least, by which most parts of the file are known too.
    /// Of tables of operators none are, in which no workload is measured.
    /// </summary>
    public const int MostRowHashes = 4096;

    private const int ErrorDigits = 4;

    /// <summary>
    /// The latency file that a calibration gives; throws <see cref="ScenarioException"/> with all that is wrong.
    /// </summary>
    /// <param name="calibration">What to fit to what.</param>
    /// <param name="file">The calibration's own file, as the user named it.</param>
    /// <param name="folder">The folder of the data.</param>
    /// <param name="catalog">The latency models.</param>
    public static LatencyFile Fit(Calibration calibration, string file, string folder, Catalog catalog)
    {
        var errors = new ErrorList();
        var files = new MeasuredFiles(Path.GetFullPath(folder), errors);
        List<MeasuredRow> rows = [.. calibration.Data.SelectMany((data, index) => files.Read(index, data))];
        errors.ThrowIfAny();
        ICalibration part = calibration.Part.Create(new CalibrationContext(calibration.Gpu.Value));
        if (part.Problem(rows) is { } problem)
        {
            throw new ScenarioException([new ScenarioError(file, "data", problem)]);
        }

        HashSet<MeasuredRow> heldOut = HeldOut(rows, calibration);
        HashSet<MeasuredRow> fitted = [.. rows.Where(row => !heldOut.Contains(row))];
        object options = part.Fit(rows, fitted);
        List<ComparedStep> compared = [.. part.Compare(options, rows)];
        if (FitCheck.Problem(part, rows, compared, heldOut) is { } useless)
        {
            throw new ScenarioException([new ScenarioError(file, "data", useless)]);
        }

        double[] missed = [.. compared.Where(c => heldOut.Contains(c.Row)).Select(c => Math.Abs(c.Error))];
        return new LatencyFile(
            LatencyFile.CurrentSchema,
            catalog.Latencies.Choose(part.LatencyModel, options),
            calibration.Gpu.Name,
            calibration.Engine,
            calibration.Version,
            calibration.Source,
            calibration.Licence,
            calibration.Host,
            new ValueList<FittedRows>(
                calibration.Data.Select((data, index) => FittedOn(data, index, files, rows, fitted))),
            calibration.Covers,
            calibration.Model?.Name,
            calibration.Tp,
            part.RangeOf(rows),
            missed.Length == 0
                ? null
                : new HeldOutErrors(missed.Length, Quantile(missed, 0.5), Quantile(missed, 0.9)),
            ResidualsOf([.. compared.Select(c => c.Error)]),
            calibration.About);
    }

    /// <summary>Writes a latency file whole or not at all; throws <see cref="ResultFolderException"/>.</summary>
    public static void Write(LatencyFile file, string path)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full)!;
        AtomicFile.Write(
            folder, Path.GetFileName(full),
            $"# Fitted by servingsim {LoadedScenario.Version} calibrate; errors are fractions\n"
            + ScenarioWriter.Write(file, folder));
    }

    /// <summary>The rows that the fit does not see: in an order that only their texts and the seed decide.</summary>
    private static HashSet<MeasuredRow> HeldOut(List<MeasuredRow> rows, Calibration calibration) =>
    [
        .. rows.OrderBy(
                row => Convert.ToHexStringLower(
                    SHA256.HashData(Encoding.UTF8.GetBytes($"{calibration.Seed}:{row.Hash}"))),
                StringComparer.Ordinal)
            .Take((int)Math.Round(calibration.HeldOut * rows.Count)),
    ];

    private static FittedRows FittedOn(
        MeasuredFile data, int index, MeasuredFiles files, List<MeasuredRow> rows, HashSet<MeasuredRow> fitted)
    {
        // A request's mean step depends on all requests beside it
        List<MeasuredRow> used =
            [.. rows.Where(r => r.File == index && (fitted.Contains(r) || r.Shape == MeasuredShape.Requests))];
        return new FittedRows(
            data.File,
            files.Sha256Of[index],
            used.Count,
            new ValueList<string>(
                used.Any(row => row.Shape >= MeasuredShape.Gemm) ? []
                    : used.Count <= MostRowHashes ? used.Select(row => row.Hash)
                    : used.Select(row => row.Hash).Order(StringComparer.Ordinal).Take(MostRowHashes)));
    }

    private static Residuals ResidualsOf(double[] errors) => new(
        Quantile(errors, 0.05), Quantile(errors, 0.25), Quantile(errors, 0.5), Quantile(errors, 0.75),
        Quantile(errors, 0.95));

    private static double Quantile(double[] errors, double share) =>
        Math.Round(errors.QuantileCustom(share, QuantileDefinition.R7), ErrorDigits);
}
