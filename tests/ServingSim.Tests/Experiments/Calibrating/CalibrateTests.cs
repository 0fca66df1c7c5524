using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Experiments;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using ServingSim.Tests.Engine.Latency;
using Xunit;

namespace ServingSim.Tests.Experiments.Calibrating;

/// <summary>A log of known coefficients gives them back, and what cannot be fitted is told.</summary>
public sealed class CalibrateTests : IDisposable
{
    private const string Header = "prefill_tokens,decodes,context_tokens,step_ms";
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_log_of_two_regimes_gives_its_coefficients_back()
    {
        TwoRegimeOptions truth = new(
            [new LinearDecode(7, 0.0002, 0.02), new LinearDecode(9, 0.0003, 0.03, FromDecodes: 257)],
            new HingePrefill(8, 0.03, 2e-6, 0.00025, 0.05, 1.5));
        TwoRegimeLatency model = new(truth);
        List<string> rows = [Header + ",prompt_tokens"];
        foreach (int decodes in new[] { 1, 16, 64, 128, 256, 257, 300, 400, 512 })
        {
            rows.AddRange(new[] { 200, 500, 1000, 4000 }.Select(each => Row(model, 0, 0, decodes, decodes * each)));
        }

        foreach (int tokens in new[] { 16, 64, 128, 256, 512, 1024, 2048, 8192 })
        {
            rows.AddRange(new[] { 0, 10, 200 }.SelectMany(decodes => new[] { 100, 3000 }.Select(
                each => Row(model, tokens, tokens, decodes, decodes * each))));
        }

        TwoRegimeOptions found = (TwoRegimeOptions)Fit("two-regime", [.. rows]).Latency.Options!;

        Assert.Equal(2, found.Decode.Count);
        AssertNear([7, 0.0002, 0.02, 1], Numbers(found.Decode[0]));
        AssertNear([9, 0.0003, 0.03, 257], Numbers(found.Decode[1]));

        // Of the knee only its place between two measured sizes is known
        HingePrefill p = found.Prefill;
        AssertNear([0.03, 2e-6, 0.00025, 0.05], [p.MsPerToken, p.MsPerPair, p.MsPerContextToken, p.MsPerDecode], 0.02);
        Assert.InRange(p.WeightsMs + p.BaseMs, 9.3, 9.7);
    }

    [Fact]
    public void Ten_rows_of_a_log_give_the_linear_models_numbers_back()
    {
        LinearLatency model = new(new LinearLatencyOptions(
            new LinearPrefill(18.1, 0.1019, 7.122e-6), [new LinearDecode(19.93, 6.269e-4, 0.03851)]));
        string[] rows =
        [
            Header + ",prompt_tokens",
            .. new[] { 128, 512, 1000, 4000 }.Select(t => Row(model, t, t, 0, 0)),
            .. new[] { (1, 300), (8, 9000), (16, 4000), (32, 64000), (64, 32000), (64, 128000) }
                .Select(b => Row(model, 0, 0, b.Item1, b.Item2)),
        ];
        LatencyFile file = Fit("linear", rows, "held_out=0");
        var found = (LinearLatencyOptions)file.Latency.Options!;

        AssertNear([18.1, 0.1019, 7.122e-6], [
            found.Prefill.BaseMs, found.Prefill.MsPerToken, found.Prefill.MsPerToken2,
        ]);
        AssertNear([19.93, 6.269e-4, 0.03851, 1], Numbers(Assert.Single(found.Decode)));
        Assert.Null(file.HeldOut);
        Assert.Equal([1L, 64], file.Range!.Decodes);
        Assert.Equal([300L, 128000], file.Range.ContextTokens);
        Assert.Equal([128L, 4000], file.Range.PrefillTokens);
    }

    [Fact]
    public void A_simulated_log_of_requests_gives_the_step_times_back()
    {
        Assert.Equal(0, _cli.Run(
            "run", CommandRun.Scenario("quickstart"), "--set", "duration=3m", "--set", "warmup=0s", "--set",
            "cluster.pools.main.replicas=1", "--set", "workload.arrivals.rate_per_s=15", "--set",
            "cluster.pools.main.latency={name: linear, prefill: {base_ms: 8, ms_per_token: 0.02}, "
                + "decode: [{base_ms: 8, ms_per_context_token: 0.00005, ms_per_decode: 0.05}]}",
            "--out", _cli.In("out")));
        string[][] rows = [.. File.ReadLines(Path.Combine(_cli.In("out"), "requests.csv")).Select(l => l.Split(','))];
        int[] at = [.. new[] { "arrival_s", "prompt_tokens", "output_tokens", "ttft_s", "e2e_s" }
            .Select(c => Array.IndexOf(rows[0], c))];
        LatencyFile file = Fit("linear", [
            "arrival_s,prompt_tokens,output_tokens,ttft_ms,e2e_ms",
            .. rows.Skip(1).Select(r =>
                $"{r[at[0]]},{r[at[1]]},{r[at[2]]},{1000 * Number(r[at[3]])},{1000 * Number(r[at[4]])}"),
        ]);
        var found = (LinearLatencyOptions)file.Latency.Options!;

        // Means of steps blur which prefill fell into whose
        AssertNear([8], [found.Decode[0].BaseMs], 0.03);
        AssertNear([0.02], [found.Prefill.MsPerToken], 0.2);
        AssertNear([0.00005, 0.05], [found.Decode[0].MsPerContextToken, found.Decode[0].MsPerDecode], 0.3);
        Assert.InRange(file.HeldOut!.MedianError, 0, 0.02);
        Assert.Null(file.Range);
    }

    [Fact]
    public void A_log_whose_prompts_are_all_cached_tells_nothing_of_prefill()
    {
        IEnumerable<string> rows = Enumerable.Range(0, 40).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{0.5 * i},{100 + (i % 7 * 100)},100,{100 + (i % 7 * 100)},20,1000"));
        const string header = "arrival_s,prompt_tokens,output_tokens,cached_tokens,ttft_ms,e2e_ms";
        string log = _cli.File("cached.csv", string.Join('\n', rows.Prepend(header)) + "\n");

        Assert.Equal(2, _cli.Run(
            ["calibrate", log, "--out", _cli.In("out.yaml"), "--set", "gpu=h100-sxm", "--set", "part=linear"]));
        Assert.Contains("prefill cannot be told from this log", _cli.Error);
    }

    [Fact]
    public void Fits_recover_any_coefficients_that_are_not_negative() =>
        Gen.Select(Gen.Double[0, 5].Array[3], Gen.Double[0.1, 9].Array[3].Array[8, 20]).Sample((truth, features) =>
        {
            var rows = features.Select(f => (f, 0.01 + f.Zip(truth, (x, c) => x * c).Sum())).ToList();
            double[] found = RelativeFit.Of([.. rows.Select(r => (
                new[] { r.f[0], r.f[1], r.f[2], 0.01 }, r.Item2))]).Coefficients;

            Assert.All(rows, r => Assert.Equal(
                r.Item2, r.f.Append(0.01).Zip(found, (x, c) => x * c).Sum(), r.Item2 * 1e-6));
            Assert.All(found, c => Assert.True(c >= 0));
        });

    [Fact]
    public void Nothing_that_would_shorten_a_step_is_fitted()
    {
        double[] found = RelativeFit.Of([([1, 10], 20), ([1, 20], 10), ([1, 30], 5)]).Coefficients;

        Assert.Equal(0, found[1]);
        Assert.True(found[0] > 0);
    }

    [Fact]
    public void The_file_names_the_rows_it_was_fitted_on_and_no_others()
    {
        string[] rows = Steps(50);
        LatencyFile file = Fit("two-regime", rows);
        FittedRows fitted = Assert.Single(file.FittedOn);

        Assert.Equal((40, 40), (fitted.Rows, fitted.RowHashes.Count));
        Assert.Equal(10, file.HeldOut!.Rows);
        Assert.Empty(fitted.RowHashes.Except(rows.Skip(1).Select(Hash)));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_cli.In("log.csv")))), fitted.Sha256);
        Assert.Equal(fitted.RowHashes, Assert.Single(Fit("two-regime", rows).FittedOn).RowHashes);
        Assert.NotEqual(fitted.RowHashes, Assert.Single(Fit("two-regime", rows, "seed=2").FittedOn).RowHashes);
    }

    [Fact]
    public void Of_more_rows_than_a_file_lists_those_with_the_least_hashes_are_named()
    {
        string[] rows = Steps(6000);
        FittedRows fitted = Assert.Single(Fit("two-regime", rows, "held_out=0").FittedOn);

        Assert.Equal((6000, Calibrator.MostRowHashes), (fitted.Rows, fitted.RowHashes.Count));
        Assert.Equal(
            rows.Skip(1).Select(Hash).Order(StringComparer.Ordinal).Take(Calibrator.MostRowHashes),
            fitted.RowHashes);
    }

    [Fact]
    public void A_model_that_nobody_knows_is_told()
    {
        _cli.File("log.csv", string.Join('\n', Steps(50)));

        Assert.Equal(2, _cli.Run(
            "calibrate", _cli.In("log.csv"), "--set", "gpu=h100-sxm", "--set", "model=none-such", "--out",
            _cli.In("out.yaml")));
        Assert.StartsWith("--set model=none-such: model: found 'none-such', expected a name in", _cli.Error);
        Assert.False(File.Exists(_cli.In("out.yaml")));
    }

    [Fact]
    public void A_pool_can_use_the_file()
    {
        Fit("two-regime", Steps(50));
        Assert.Equal(0, _cli.Run(
            "run", CommandRun.Scenario("quickstart"), "--set", "cluster.pools.main.latency=" + _cli.In("out.yaml"),
            "--set", "requests=50", "--set", "warmup=0s", "--out", _cli.In("results")));
        Assert.Contains("two-regime, h100-sxm, unstated engine, ±", _cli.Output);
    }

    [Fact]
    public void All_that_is_wrong_with_the_data_is_told_at_once()
    {
        _cli.File("a.csv", Header + "\n1,2,x,4\n1,-2,3,4\n");
        _cli.File("b.csv", "one,two\n1,2\n");
        string calibration = _cli.File("fit.yaml", """
            schema: 1
            gpu: h100-sxm
            data:
              - file: a.csv
              - { file: a.csv, where: { colour: [red] } }
              - { file: a.csv, columns: { step_ms: millis } }
              - { file: b.csv }
              - { file: c.csv }
            """);

        Assert.Equal(2, _cli.Run("calibrate", calibration, "--out", _cli.In("out.yaml")));
        Assert.Equal(
            """
            a.csv:1: no column 'colour' to filter by; known: prefill_tokens, decodes, context_tokens, step_ms
            a.csv:1: no column 'millis' for step_ms; known: prefill_tokens, decodes, context_tokens, step_ms
            a.csv:2: context_tokens is 'x'; expected a number, 0 or more
            a.csv:3: decodes is '-2'; expected a number, 0 or more
            """,
            string.Join('\n', _cli.Error.Split('\n').Take(4)));
        Assert.Contains(
            "b.csv:1: found columns one, two, expected those of a shape: steps (prefill_tokens, dec", _cli.Error);
        Assert.Contains("c.csv: no such file; expected one below the folder of the data (--data)", _cli.Error);
        Assert.False(File.Exists(_cli.In("out.yaml")));
    }

    [Theory]
    [InlineData("found no step that only decodes, expected some", "16,0,0,5")]
    [InlineData("found a step of 0 ms, expected more", "0,1,10,0")]
    public void Rows_that_cannot_be_fitted_are_refused(string problem, string row)
    {
        _cli.File("log.csv", string.Join('\n', Enumerable.Repeat(row, 6).Prepend(Header)));

        Assert.Equal(2, _cli.Run(
            "calibrate", _cli.In("log.csv"), "--set", "gpu=h100-sxm", "--out", _cli.In("out.yaml")));
        Assert.Equal($"log.csv: data: {problem}\n", _cli.Error);
    }

    [Theory]
    [InlineData("two-regime")]
    [InlineData("linear")]
    public void Of_a_log_that_only_decodes_the_decodes_are_fitted_and_what_is_missing_is_told(string part)
    {
        TwoRegimeLatency model = new(new TwoRegimeOptions([new(7, 0.0002, 0.02)], new HingePrefill(8, 0.03)));
        string[] rows =
        [
            Header + ",prompt_tokens",
            .. Enumerable.Range(1, 40).Select(i => Row(model, 0, 0, i, (300 * i) + (i * i))),
        ];
        LatencyFile file = Fit(part, rows);
        IReadOnlyList<LinearDecode> decode = file.Latency.Options is TwoRegimeOptions two ? two.Decode
            : ((LinearLatencyOptions)file.Latency.Options!).Decode;

        AssertNear([7, 0.0002, 0.02, 1], Numbers(Assert.Single(decode)));
        Assert.Equal([0L, 0], file.Range!.PrefillTokens);
        Assert.Contains("prefill is not fitted, of which no step was measured", _cli.Output);
    }

    [Theory]
    [InlineData("two-regime", true)]
    [InlineData("two-regime", false)]
    [InlineData("linear", true)]
    [InlineData("linear", false)]
    public void Times_that_do_not_follow_from_what_was_computed_are_refused(string part, bool decodesOnly)
    {
        PCG luck = new(1, 2);
        Gen<(int, int, double)> any = Gen.Select(Gen.Int[1, 300], Gen.Int[1, 3000], Gen.Double[5, 100]);
        for (uint i = 0; i < 5; i++)
        {
            IEnumerable<string> rows = Enumerable.Range(0, 40).Select(row =>
            {
                (int decodes, int tokens, double ms) = any.Generate(luck, null, out _);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(row % 2 == 0 && !decodesOnly ? tokens : 0)},{decodes},{decodes * tokens},{ms}");
            });
            _cli.File("log.csv", string.Join('\n', rows.Prepend(Header)));

            Assert.Equal(2, _cli.Run(
                "calibrate", _cli.In("log.csv"), "--set", "gpu=h100-sxm", "--set", "part=" + part, "--out",
                _cli.In("out.yaml")));
            Assert.Contains("log.csv: data: found times that do not follow from what was computed", _cli.Error);
            Assert.False(File.Exists(_cli.In("out.yaml")));
        }
    }

    [SharedDataFact("measured/iterations/A1_h100-64gb_vllm085_steps_dev.csv")]
    public void Whole_steps_of_a_real_engine_are_within_5_percent_in_the_median_held_out() =>
        Assert.All(
            ["h100-64gb-llama-3.1-8b", "h100-llama-2-70b-tp8-splitwise", "h100-llama-2-70b-tp4-splitwise"],
            name =>
            {
                string calibration = Path.Combine(SharedData.Root, "configs", "calibrations", name + ".yaml");
                string data = SharedData.Find("")!;
                Assert.Equal(0, _cli.Run("calibrate", calibration, "--data", data, "--out", _cli.In("out.yaml")));
                LatencyFile file = ScenarioFile.Read<LatencyFile>(_cli.In("out.yaml"), [], Catalog.Default);
                Assert.InRange(file.HeldOut!.MedianError, 0, 0.05);
            });

    private static string[] Steps(int count)
    {
        TwoRegimeLatency model = new(new TwoRegimeOptions([new(7, 0.0002, 0.02)], new HingePrefill(8, 0.03)));
        return
        [
            Header + ",prompt_tokens",
            .. Enumerable.Range(1, count).Select(i =>
                i % 2 == 0 ? Row(model, 50 * i, 50 * i, 0, 0) : Row(model, 0, 0, i, (300 * i) + (i * i))),
        ];
    }

    private static string Row(ILatencyModel model, int prefill, int prompt, int decodes, long context)
    {
        PrefillChunk[] chunks = prefill == 0 ? [] : [new PrefillChunk(prefill, 0)];
        double ms = new StepCase(decodes, context, decodes, chunks).TimeOf(model).Sum.TotalMilliseconds;
        return string.Create(CultureInfo.InvariantCulture, $"{prefill},{decodes},{context},{ms:R},{prompt}");
    }

    private LatencyFile Fit(string part, string[] rows, params string[] settings)
    {
        _cli.File("log.csv", string.Join('\n', rows) + "\n");
        string[] all = [.. settings, "gpu=h100-sxm", "part=" + part];
        string[] sets = [.. all.SelectMany(s => new[] { "--set", s })];
        int code = _cli.Run(["calibrate", _cli.In("log.csv"), "--out", _cli.In("out.yaml"), .. sets]);
        Assert.Equal((0, ""), (code, _cli.Error));
        return ScenarioFile.Read<LatencyFile>(_cli.In("out.yaml"), [], Catalog.Default);
    }

    private static double[] Numbers(LinearDecode d) => [d.BaseMs, d.MsPerContextToken, d.MsPerDecode, d.FromDecodes];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Hash(string row) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(row)))[..12];

    private static void AssertNear(double[] expected, double[] found, double relative = 0.005) => Assert.All(
        expected.Zip(found),
        pair => Assert.InRange(pair.Second, pair.First * (1 - relative), pair.First * (1 + relative)));
}
