using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Experiments;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Experiments.Calibrating;

/// <summary>The roofline's efficiencies come back from tables made with them, and describe real tables.</summary>
public sealed class RooflineFitTests
{
    private const string Tables = "measured/operators/A2_aiconfigurator";

    private static readonly GpuSpec Gpu = ConfigFile.Gpu("h100-sxm");

    private static readonly RooflineOptions Known = new(
        Gemm: new(0.7, 0.85, 5),
        GemmFp8: new(0.5, 0.6, 8, 3),
        Experts: new(0.45, 0.7, 50, 4),
        Decode: new(0.6, 0.8, 9, 0.03),
        Prefill: new(0.45, 2, 20, 25),
        AllReduce: new(0.5, 7));

    [Fact]
    public void Efficiencies_come_back_from_a_table_made_with_them()
    {
        RooflineOptions fitted = RooflineFit.Fit(Rows(Known), Gpu, new RooflineOptions());

        AssertClose([0.7, 0.85, 5], [fitted.Gemm.Compute, fitted.Gemm.Memory, fitted.Gemm.LaunchUs]);
        AssertClose([0.5, 0.6, 8], [fitted.GemmFp8!.Compute, fitted.GemmFp8.Memory, fitted.GemmFp8.LaunchUs]);
        AssertClose([3], [fitted.GemmFp8.QuantizePsPerElement]);
        AssertClose([0.45, 0.7, 50], [fitted.Experts.Compute, fitted.Experts.Memory, fitted.Experts.LaunchUs]);
        AssertClose([4], [fitted.Experts.Passes]);
        AssertClose([0.8, 9, 0.03], [fitted.Decode.Memory, fitted.Decode.LaunchUs, fitted.Decode.UsPerKvHead]);
        AssertClose([0.45, 2, 20], [fitted.Prefill.Compute, fitted.Prefill.Passes, fitted.Prefill.LaunchUs]);
        AssertClose([25], [fitted.Prefill.NsPerContextToken]);
        AssertClose([0.5, 7], [fitted.AllReduce.Link, fitted.AllReduce.FloorUs]);
        Assert.Null(fitted.GemmInt4);
        Assert.Equal(new ElementwiseEfficiency(), fitted.Elementwise);
    }

    [Fact]
    public void Experts_with_tuned_tiles_are_fitted_apart_and_quantized_ones_have_none()
    {
        TunedExperts[] shapes = [new(64, 1024), new(32, 1024)];
        ExpertEfficiency tuned = Known.Experts with { TunedCompute = 0.8, Tuned = shapes };
        RooflineOptions start = new RooflineCalibrationOptions(TunedExperts: shapes).Start;

        RooflineOptions fitted = RooflineFit.Fit(Rows(Known with { Experts = tuned }), Gpu, start);

        AssertClose([0.45, 0.7, 50, 4], [
            fitted.Experts.Compute, fitted.Experts.Memory, fitted.Experts.LaunchUs, fitted.Experts.Passes]);
        AssertClose([0.8], [fitted.Experts.TunedCompute!.Value]);
        Assert.Null(fitted.ExpertsFp8?.TunedCompute);
    }

    [Fact]
    public void Classes_with_few_rows_keep_what_they_had()
    {
        RooflineOptions start = new(Gemm: new(0.123, 0.456, 7));
        IEnumerable<OperatorRow> few = Rows(Known).Where(row => row is GemmRow).Take(11);

        Assert.Equal(start, RooflineFit.Fit(few, Gpu, start));
    }

    /// <summary>On a fifth of the rows, which were not fitted on; a table says more where there is one.</summary>
    [SharedDataTheory(Tables)]
    [InlineData("a100-sxm-80gb", 0.10, 0.30)]
    [InlineData("h100-sxm", 0.09, 0.30)]
    [InlineData("h200-sxm", 0.09, 0.30)]
    [InlineData("b200-sxm", 0.10, 0.35)]
    [InlineData("gb200", 0.12, 0.40)]
    public void Real_tables_are_described(string gpu, double median, double p90)
    {
        string file = Path.Combine(SharedData.Root, "configs", "calibrations", gpu + ".yaml");
        LatencyFile fitted = Calibrator.Fit(
            ScenarioFile.Read<Calibration>(file, [], Catalog.Default), file, SharedData.Find(".")!, Catalog.Default);

        Assert.InRange(fitted.HeldOut!.MedianError, 0, median);
        Assert.InRange(fitted.HeldOut.P90Error, 0, p90);
        Assert.True(fitted.HeldOut.Rows > 2000, $"{fitted.HeldOut.Rows} rows");
    }

    /// <summary>A file as tools/profile writes it, made with known efficiencies.</summary>
    [Fact]
    public void What_the_profiling_kit_writes_is_fitted()
    {
        string folder = Directory.CreateTempSubdirectory("servingsim-profiled-").FullName;
        IEnumerable<string> lines = Rows(Known).Select(row => row switch
        {
            GemmRow { Dtype: WeightDtype.Bf16 } g =>
                $"gemm,bfloat16,0,{g.Tokens},{g.Matrix.Outputs},{g.Matrix.Inputs},0,0,0,0,0,0,{g.Seconds * 1e3:R}",
            PrefillAttentionRow p =>
                $"prefill_attention,bfloat16,0,0,0,0,{p.Prompts},{p.Tokens},32,8,128,0,{p.Seconds * 1e3:R}",
            DecodeAttentionRow d =>
                $"decode_attention,bfloat16,0,0,0,0,{d.Decodes},{d.Context - 1},32,8,128,0,{d.Seconds * 1e3:R}",
            AllReduceRow a => $"all_reduce,bfloat16,{a.Gpus},0,0,0,0,0,0,0,0,{a.Bytes:R},{a.Seconds * 1e3:R}",
            _ => "",
        });
        File.WriteAllLines(
            Path.Combine(folder, "operators.csv"),
            ["operator,dtype,gpus,m,n,k,batch,tokens,heads,kv_heads,head_dim,bytes,ms", .. lines.Where(l => l != "")]);
        string file = Path.Combine(SharedData.Root, "configs", "calibrations", "profiled-gpu.yaml");
        Calibration calibration = ScenarioFile.Read<Calibration>(file, [], Catalog.Default);
        MeasuredFile sums = new(
            "operators.csv", new Dictionary<string, IReadOnlyList<string>> { ["operator"] = ["all_reduce"] },
            new Dictionary<string, string>(), MeasuredShape.AllReduce);

        LatencyFile fitted = Calibrator.Fit(
            calibration with { Data = [.. calibration.Data, sums] }, file, folder, Catalog.Default);
        Directory.Delete(folder, recursive: true);

        RooflineOptions options = (RooflineOptions)fitted.Latency.Options!;
        AssertClose([0.7, 0.85, 5], [options.Gemm.Compute, options.Gemm.Memory, options.Gemm.LaunchUs]);
        AssertClose([0.45, 2, 20], [options.Prefill.Compute, options.Prefill.Passes, options.Prefill.LaunchUs]);
        AssertClose([0.8, 9, 0.03], [options.Decode.Memory, options.Decode.LaunchUs, options.Decode.UsPerKvHead]);
        AssertClose([0.5, 7], [options.AllReduce.Link, options.AllReduce.FloorUs]);
        Assert.InRange(fitted.HeldOut!.MedianError, 0, 0.02);
    }

    [Theory]
    [InlineData("us", 1e6)]
    [InlineData("ns", 1e9)]
    [InlineData("ms", 1e3)]
    public void Attention_of_chunks_and_decodes_together_is_read_in_any_unit(string unit, double perSecond)
    {
        string folder = Directory.CreateTempSubdirectory("servingsim-mixed-").FullName;
        File.WriteAllLines(
            Path.Combine(folder, "attention.csv"),
            [
                "chunk,before,decodes,context," + unit,
                .. Rows(Known).OfType<MixedAttentionRow>().Select(row =>
                    $"{row.Chunk.Tokens},{row.Chunk.ContextBefore},{row.Decodes},{row.Context},"
                    + $"{row.Seconds * perSecond:R}"),
            ]);
        MeasuredFile data = new(
            "attention.csv", new Dictionary<string, IReadOnlyList<string>>(),
            new Dictionary<string, string>
            {
                ["heads"] = "32",
                ["kv_heads"] = "8",
                ["head_dim"] = "128",
                ["kv_bytes"] = "2",
                ["prefill_tokens"] = "chunk",
                ["prefill_context"] = "before",
                ["decode_context"] = "context",
            },
            MeasuredShape.MixedAttention);
        string file = Path.Combine(SharedData.Root, "configs", "calibrations", "profiled-gpu.yaml");

        LatencyFile fitted = Calibrator.Fit(
            ScenarioFile.Read<Calibration>(file, [], Catalog.Default) with { Data = [data], HeldOut = 0 },
            file, folder, Catalog.Default);
        Directory.Delete(folder, recursive: true);

        AssertClose([25], [((RooflineOptions)fitted.Latency.Options!).Prefill.NsPerContextToken]);
    }

    private static IEnumerable<OperatorRow> Rows(RooflineOptions options)
    {
        RooflineOperators truth = new(options, Gpu);
        int[] widths = [512, 2048, 4096, 8192, 14336];
        int[] tokens = [1, 16, 128, 512, 2048, 8192];
        WeightDtype[] dtypes = [WeightDtype.Bf16, WeightDtype.Fp8];
        ModelSpec heads = new(4096, 1, 32, 8, 1, 1, IntermediateSize: 1, HeadDim: 128);
        ModelSpec experts = new(
            4096, 1, 1, 1, 1, 1, Moe: new MoeSpec(64, 4, 1024));
        IEnumerable<OperatorRow> rows =
        [
            .. from dtype in dtypes
               from n in widths
               from k in widths
               from m in tokens
               select new GemmRow(dtype, m, new Matrix(k, n), 0),
            .. from ep in new[] { 1, 2, 4, 8 }
               from m in tokens
               select new ExpertRow(experts, new Parallelism(ep, Ep: ep), m, 0),
            .. from batch in tokens
               from context in new[] { 8, 16, 32, 8192, 32_768, 65_536 }
               select new DecodeAttentionRow(heads, KvCacheDtype.Auto, batch, context, 0),
            .. from batch in new[] { 1, 4, 8 }
               from length in new[] { 128, 512, 1024, 2048, 4096, 8192, 16_384 }
               select new PrefillAttentionRow(heads, KvCacheDtype.Auto, batch, length, 0),
            .. from chunk in new[] { 0, 16, 64, 256, 2048 }
               from before in new[] { 0, 4096, 32_768 }
               from batch in new[] { 0, 8, 128 }
               where chunk + batch > 0
               select new MixedAttentionRow(
                   heads, KvCacheDtype.Auto, new PrefillChunk(chunk, chunk == 0 ? 0 : before), batch, 4096, 0),
            .. from gpus in new[] { 2, 4, 8 }
               from bytes in new[] { 1e3, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 1e8 }
               select new AllReduceRow(gpus, bytes, 0),
        ];
        return rows.Select(row => row with { Seconds = row.Predicted(truth) });
    }

    private static void AssertClose(double[] expected, double[] actual) => Assert.All(
        expected.Zip(actual), pair => Assert.InRange(pair.Second / pair.First, 0.97, 1.03));
}
