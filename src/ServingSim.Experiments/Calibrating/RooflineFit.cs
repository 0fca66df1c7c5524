using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// Fits the efficiencies of the roofline to a table of measured operators, class by class: the simplex of Nelder and
/// Mead on the soft L1 loss of ln(predicted / measured), so that operators count alike whatever their size and a
/// kernel that is oddly slow at some shape does not pull the others.
/// </summary>
public static class RooflineFit
{
    private const double LossScale = 0.1;
    private const double FirstStep = 0.5;
    private const double Tolerance = 1e-7;
    private const int MostEvaluations = 4000;
    private const int MostRows = 4000;
    private const int FewestRows = 12;
    private const string TunedExperts = "tuned experts";

    /// <summary>
    /// The efficiencies of every class that has rows enough; those of <paramref name="start"/> for the others.
    /// </summary>
    /// <param name="rows">The table.</param>
    /// <param name="gpu">The GPU measured.</param>
    /// <param name="start">Where the search begins.</param>
    public static RooflineOptions Fit(IEnumerable<OperatorRow> rows, GpuSpec gpu, RooflineOptions start)
    {
        ILookup<string, OperatorRow> byClass = rows.Where(row => row.IsTypical).ToLookup(row => ClassOf(row, start));
        RooflineOptions fitted = start;
        foreach (Parameters parameters in All())
        {
            OperatorRow[] all = [.. byClass[parameters.Class]];
            if (all.Length >= FewestRows)
            {
                fitted = Fit(Thinned(all), gpu, fitted, parameters);
            }
        }

        return fitted;
    }

    /// <summary>The class of an operator; experts for which the engine has tuned its kernel have their own.</summary>
    private static string ClassOf(OperatorRow row, RooflineOptions start) =>
        row is ExpertRow { Model.ExpertDtype: WeightDtype.Bf16 } experts
        && start.Experts.Tuned?.Contains(experts.Shape) == true
            ? TunedExperts
            : row.Class;

    /// <summary>Every class of operator and the numbers that describe it.</summary>
    private static IEnumerable<Parameters> All()
    {
        foreach (WeightDtype dtype in Enum.GetValues<WeightDtype>())
        {
            yield return new Parameters(
                new GemmRow(dtype, 1, default, 0).Class,
                o => Numbers(o.GemmOf(dtype), dtype != WeightDtype.Bf16),
                (o, x) => With(o, dtype, new GemmEfficiency(
                    Fraction(x[0]), Fraction(x[1]), Positive(x[2]), x.Length > 3 ? Positive(x[3]) : 0)));
        }

        foreach (WeightDtype dtype in Enum.GetValues<WeightDtype>())
        {
            yield return new Parameters(
                $"experts {dtype}",
                o => Numbers(o.ExpertsOf(dtype)),
                (o, x) => With(o, dtype, o.ExpertsOf(dtype) with
                {
                    Compute = Fraction(x[0]),
                    Memory = Fraction(x[1]),
                    LaunchUs = Positive(x[2]),
                    Passes = AtLeastOne(x[3]),
                }));
        }

        yield return new Parameters(
            TunedExperts,
            o => [FromFraction(o.Experts.TunedCompute!.Value)],
            (o, x) => o with { Experts = o.Experts with { TunedCompute = Fraction(x[0]) } });
        yield return new Parameters(
            "decode attention",
            o => [FromFraction(o.Decode.Memory), Math.Log(o.Decode.LaunchUs), Math.Log(o.Decode.UsPerKvHead)],
            (o, x) => o with
            {
                Decode = new DecodeAttentionEfficiency(
                    o.Decode.Compute, Fraction(x[0]), Positive(x[1]), Positive(x[2]), o.Decode.MixedTileRows),
            });
        yield return new Parameters(
            "prefill attention",
            o =>
            [
                FromFraction(o.Prefill.Compute), Math.Log(o.Prefill.Passes), Math.Log(o.Prefill.LaunchUs),
                Math.Log(o.Prefill.NsPerContextToken),
            ],
            (o, x) => o with
            {
                Prefill = new PrefillAttentionEfficiency(
                    Fraction(x[0]), AtLeastOne(x[1]), Positive(x[2]), Positive(x[3])),
            });
        yield return new Parameters(
            "all-reduce",
            o => [FromFraction(o.AllReduce.Link), Math.Log(o.AllReduce.FloorUs)],
            (o, x) => o with { AllReduce = new AllReduceEfficiency(Fraction(x[0]), Positive(x[1])) });
    }

    private static RooflineOptions Fit(
        OperatorRow[] rows, GpuSpec gpu, RooflineOptions start, Parameters parameters)
    {
        double Loss(Vector<double> x)
        {
            RooflineOperators operators = new(parameters.Apply(start, x.AsArray()), gpu);
            return rows.Average(row => SoftL1(Math.Log(row.Predicted(operators) / row.Seconds)));
        }

        MinimizationResult result = NelderMeadSimplex.Minimum(
            ObjectiveFunction.Value(Loss),
            Vector<double>.Build.DenseOfArray(parameters.Start(start)),
            Vector<double>.Build.Dense(parameters.Start(start).Length, FirstStep),
            Tolerance,
            MostEvaluations);
        return parameters.Apply(start, result.MinimizingPoint.AsArray());
    }

    /// <summary>At most so many rows, evenly over the table.</summary>
    private static OperatorRow[] Thinned(OperatorRow[] rows)
    {
        int stride = ((rows.Length - 1) / MostRows) + 1;
        return [.. rows.Where((_, index) => index % stride == 0)];
    }

    private static double SoftL1(double error)
    {
        double scaled = error / LossScale;
        return Math.Sqrt(1 + (scaled * scaled)) - 1;
    }

    private static double[] Numbers(GemmEfficiency gemm, bool quantizes) =>
    [
        FromFraction(gemm.Compute),
        FromFraction(gemm.Memory),
        Math.Log(gemm.LaunchUs),
        .. quantizes ? [Math.Log(Math.Max(1, gemm.QuantizePsPerElement))] : Array.Empty<double>(),
    ];

    private static double[] Numbers(ExpertEfficiency experts) =>
    [
        FromFraction(experts.Compute), FromFraction(experts.Memory), Math.Log(experts.LaunchUs),
        Math.Log(experts.Passes),
    ];

    private static RooflineOptions With(RooflineOptions options, WeightDtype dtype, GemmEfficiency gemm) =>
        dtype switch
        {
            WeightDtype.Fp8 => options with { GemmFp8 = gemm },
            WeightDtype.Int4 or WeightDtype.Int4G32 => options with { GemmInt4 = gemm },
            WeightDtype.Fp4 => options with { GemmFp4 = gemm },
            _ => options with { Gemm = gemm },
        };

    private static RooflineOptions With(RooflineOptions options, WeightDtype dtype, ExpertEfficiency experts)
    {
        // Tiles are tuned for bf16, whose numbers quantized experts begin with
        ExpertEfficiency quantized = experts with { TunedCompute = null, Tuned = null };
        return dtype switch
        {
            WeightDtype.Fp8 => options with { ExpertsFp8 = quantized },
            WeightDtype.Int4 or WeightDtype.Int4G32 => options with { ExpertsInt4 = quantized },
            WeightDtype.Fp4 => options with { ExpertsFp4 = quantized },
            _ => options with { Experts = experts },
        };
    }

    private static double Fraction(double x) => RelativeFit.Rounded(SpecialFunctions.Logistic(x));

    private static double Positive(double x) => RelativeFit.Rounded(Math.Exp(x));

    private static double AtLeastOne(double x) => RelativeFit.Rounded(1 + Math.Exp(x));

    private static double FromFraction(double fraction) =>
        SpecialFunctions.Logit(Math.Clamp(fraction, 0.01, 0.99));

    /// <summary>The numbers of one class: where they start, and how they enter the options.</summary>
    private sealed record Parameters(
        string Class, Func<RooflineOptions, double[]> Start, Func<RooflineOptions, double[], RooflineOptions> Apply);
}
