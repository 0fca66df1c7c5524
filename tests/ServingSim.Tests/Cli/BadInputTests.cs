using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>Every mistake gives exit code 2, one message that can be acted on, and no file.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n";
    private const string Pool = "cluster.pools.main";
    private const string Routers =
        "round-robin, least-outstanding, least-loaded, random, power-of-two, jsq-tokens, session-affinity, "
            + "consistent-hash, prefix-aware, sglang-cache-aware, dynamo-kv, llm-d, predicted-latency";

    private static readonly string Quickstart = CommandRun.Scenario("quickstart");

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    /// <summary>Asserts that a run is refused with this whole message, and leaves nothing.</summary>
    private void Refused(string message, params string[] args)
    {
        string[] before = Directory.GetFileSystemEntries(_cli.Folder);
        int code = _cli.Run(["run", .. args, "--out", _cli.In("out")]);
        Assert.Equal((2, message + Environment.NewLine, ""), (code, _cli.Error, _cli.Output));
        Assert.Equal(before, Directory.GetFileSystemEntries(_cli.Folder));
    }

    /// <summary>As <see cref="Refused"/>, of quickstart with one setting, whose text begins the message.</summary>
    private void SettingRefused(string setting, string message) =>
        Refused($"--set {setting}: {message}", Quickstart, "--set", setting);

    private void TraceRefused(string csv, string message) => Refused(
        $"{_cli.File("t.csv", csv)[(_cli.Folder.Length + 1)..]}{message}",
        CommandRun.Scenario("burstgpt-week"), "--set", $"workload.source.path={_cli.In("t.csv")}");

    [Theory]
    [InlineData("", "s.yaml:1:1: found an empty file, expected keys and values")]
    [InlineData("# nothing\n", "s.yaml:2:1: found an empty file, expected keys and values")]
    [InlineData("a\0b", "s.yaml:1: found a zero byte, expected text in UTF-8")]
    [InlineData("name: x\na: [1\nb: 2\n", "s.yaml:2:4: found invalid YAML after this")]
    [InlineData("name: x\n\tseed: 1\n", "s.yaml:2:1: found a tab in the indentation, expected spaces")]
    [InlineData("- 1\n", "s.yaml:1: found a list, expected a mapping of keys to values")]
    [InlineData("include: [no.yaml]\n", "s.yaml:1: no such file: no.yaml")]
    public void A_file_that_is_no_scenario_is_refused_at_its_line(string text, string message) =>
        Refused(message, _cli.File("s.yaml", text));

    [Fact]
    public void A_scenario_that_is_no_file_is_refused()
    {
        Refused("gone.yaml: no such file", _cli.In("gone.yaml"));
        Refused("configs/scenarios: found a folder, expected a file", Path.GetDirectoryName(Quickstart)!);
    }

    [Fact]
    public void All_mistakes_of_a_file_are_told_at_once_each_with_its_line()
    {
        string text = File.ReadAllText(Quickstart)
            .Replace("seed: 1", "seed: one").Replace("least-outstanding", "least-busy")
            .Replace("shape: 0.5", "form: 0.5");
        Refused(
            $"""
            s.yaml:4: seed: found 'one', expected a whole number
            s.yaml:9: workload.arrivals.shape: missing, expected a number
            s.yaml:9: workload.arrivals.form: 'gamma' has no option 'form'; known: rate_per_s, shape
            s.yaml:13: cluster.router: no router is named 'least-busy'; known: {Routers}
            """,
            _cli.File("s.yaml", text));
    }

    [Theory]
    [InlineData("cluster.router", "no router is named 'x'; known: " + Routers)]
    [InlineData(Pool + ".engine.profile", "no engine profile is named 'x'; known: vllm-v0, vllm-v1")]
    [InlineData(Pool + ".engine.policy", "no policy is named 'x'; known: fcfs")]
    [InlineData(Pool + ".engine.eviction", "no eviction policy is named 'x'; known: lru")]
    [InlineData(Pool + ".latency", "no latency model is named 'x'; known: roofline, linear,")]
    [InlineData("workload.arrivals", "no arrival process is named 'x'; known: poisson, gamma")]
    [InlineData("workload.lengths", "no joint length distribution is named 'x'; known: joint-table")]
    [InlineData("workload.source", "no workload is named 'x'; known: synthetic, trace")]
    [InlineData("stop", "found 'x', expected one of drain, cut")]
    [InlineData(Pool + ".role", "found 'x', expected one of mixed")]
    [InlineData(Pool + ".gpu", "found 'x', expected a name in configs/gpus or a path; known: ")]
    [InlineData(Pool + ".model", "found 'x', expected a name in configs/models or a path; known: ")]
    public void An_unknown_name_is_told_with_those_known(string path, string message)
    {
        Assert.Equal(2, _cli.Run("run", Quickstart, "--set", path + "=x", "--out", _cli.In("out")));
        Assert.StartsWith($"--set {path}=x: {path}: {message}", _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }

    [Theory]
    [InlineData("foo=1", "unknown key 'foo'; known: schema, name, workload, cluster, slo, report_by, outputs, "
        + "replications, seed, duration, requests, warmup, stop, clients")]
    [InlineData(Pool + ".latency.speed=2", Pool + ".latency.speed: 'roofline' has no option 'speed'; known: ")]
    [InlineData(Pool + ".replicas=abc", Pool + ".replicas: found 'abc', expected a whole number")]
    [InlineData(Pool + ".replicas=0", Pool + ".replicas: found 0, expected 1 to 10000")]
    [InlineData(Pool + ".replicas=-1", Pool + ".replicas: found -1, expected 1 to 10000")]
    [InlineData("cluster.pools={}", "cluster.pools: found 0 pools, expected 1 to 15")]
    [InlineData("cluster.pools={(none): {gpu: l40s, model: llama-2-7b, latency: roofline}}",
        "cluster.pools: found a pool named '(none)', expected another name")]
    [InlineData(Pool + ".serves={model: []}", Pool + ".serves: found model: [], expected a label's name and values")]
    [InlineData(Pool + ".serves={model: [a;b]}", Pool + ".serves: found model: [a;b], expected a label's name and")]
    [InlineData(Pool + ".engine.profile={name: vllm-v1-late, watermark: 1}",
        Pool + ".engine.profile.watermark: found 1, expected at least 0 and less than 1")]
    [InlineData("cluster.scrape={interval: 1ms, delay: 2s}", "cluster.scrape.delay: found ")]
    [InlineData(Pool + ".serves={model: GPT-4}", Pool + ".serves.model: found 'GPT-4', expected a list")]
    [InlineData("cluster.admission=queue-caps",
        "cluster.admission: caps nothing, expected max_num_queued_reqs, max_num_queued_tokens or both")]
    [InlineData("cluster.admission={name: queue-caps, max_num_queued_reqs: 0}",
        "cluster.admission.max_num_queued_reqs: found 0, expected at least 1")]
    [InlineData("cluster.scrape={interval: 0s}",
        "cluster.scrape.interval: found 0.00000000000 s, expected at least 1ms")]
    [InlineData("cluster.scrape={}", "cluster.scrape.interval: missing, expected a duration such as 10ms")]
    [InlineData(Pool + ".engine.max_model_len=500000", Pool + ".engine: the engine would not start: max_model_len is "
        + "500000, but the KV cache holds only 453040 tokens (28315 blocks of 16)")]
    [InlineData(Pool + ".engine.num_gpu_blocks_override=2147483647", Pool + ".engine.num_gpu_blocks_override: found "
        + "2147483647, expected 2 to 100000000")]
    [InlineData(Pool + ".memory_overhead.one_gpu_gib=1e300", Pool + ".memory_overhead.one_gpu_gib: found 1E+300, "
        + "expected 0 to 1000000")]
    [InlineData(Pool + ".parallelism.tp=3", Pool + ".parallelism: does not fit model llama-3.1-8b: "
        + "num_attention_heads (32) must be a multiple of tp (3)")]
    [InlineData("seed=x", "seed: found 'x', expected a whole number")]
    [InlineData("workload.arrivals.rate_per_s=.nan", "workload.arrivals.rate_per_s: found '.nan', expected a number")]
    [InlineData("workload.arrivals.rate_per_s=.inf", "workload.arrivals.rate_per_s: found '.inf', expected a number")]
    [InlineData("workload.arrivals.rate_per_s=1e400", "workload.arrivals.rate_per_s: found '1e400', expected a number")]
    [InlineData("workload.arrivals.rate_per_s=-1",
        "workload.arrivals.rate_per_s: found -1, expected a number from 1e-6 to 1e6")]
    [InlineData("duration=-5m", "duration: found '-5m', expected a duration of 0s or more")]
    [InlineData("duration=5", "duration: found '5', expected a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("warmup=20m", "warmup: is not shorter than the duration, so that nothing would be counted")]
    [InlineData("requests=0", "requests: found 0, expected at least 1")]
    [InlineData("workload.prediction.error=-0.1", "workload.prediction.error: found -0.1, expected 0 to 10")]
    [InlineData("workload.prediction.bias=0",
        "workload.prediction.bias: found 0, expected more than 0 and at most 1000")]
    [InlineData(Pool + ".engine.policy={name: shortest-first, by: output}", Pool + ".engine.policy.by: found 'output', "
        + "expected one of prompt-tokens, predicted-output-tokens, predicted-total-tokens")]
    [InlineData("schema=2", "schema: found 2, expected 1")]
    [InlineData("name=..",
        "name: found '..', expected letters, digits, '-', '_' and, not first, '.': it names a folder")]
    [InlineData("report_by=[service, service]", "report_by: found 'service' twice, expected it once")]
    [InlineData("workload.labels={a: x;y}",
        "workload.labels: found a: x;y, expected a name, and no ';', '=' or line break")]
    [InlineData("workload.labels={\"\": x}",
        "workload.labels: found : x, expected a name, and no ';', '=' or line break")]
    [InlineData("seed", "expected path=value, such as cluster.pools.main.replicas=8")]
    [InlineData("seed=", "found no value, expected one after '='; ~ stands for nothing")]
    public void A_wrong_value_is_told_with_what_was_expected(string setting, string message)
    {
        Assert.Equal(2, _cli.Run("run", Quickstart, "--set", setting, "--out", _cli.In("out")));
        Assert.StartsWith($"--set {setting}: {message}", _cli.Error);
        Assert.Empty(_cli.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cli.Folder));
    }

    [Fact]
    public void A_seed_that_is_no_number_is_told_in_the_users_words() => Refused(
        "--seed: found 'x', expected a whole number" + Environment.NewLine
            + "'servingsim --help' tells what can be written.",
        Quickstart, "--seed", "x");

    [Fact]
    public void A_model_that_does_not_fit_its_gpu_is_told_at_the_line_of_the_engine() => Refused(
        "configs/scenarios/quickstart.yaml:19: cluster.pools.main.engine: the engine would not start: model "
            + "llama-2-70b does not fit GPU l40s at tp 1: 128.5 GiB of weights and 1.2 GiB of overhead, "
            + "but 40.5 GiB to use",
        Quickstart, "--set", Pool + ".gpu=l40s", "--set", Pool + ".model=llama-2-70b");

    [Fact]
    public void A_policy_by_predicted_lengths_without_predictions_is_told_at_its_line()
    {
        const string Message = ": cluster.pools.main.engine.policy: orders requests by predicted lengths, but nothing "
            + "predicts them; expected workload.";
        string text = File.ReadAllText(CommandRun.Scenario("shortest-first")).Replace(
            "  prediction: { error: 0.7 }\n", "");
        int line = text.Split('\n').TakeWhile(l => !l.Contains("policy: {")).Count() + 1;
        Refused($"s.yaml:{line}{Message}prediction", _cli.File("s.yaml", text));

        Refused(
            $"s.yaml:{line + 1}{Message.Replace("main", "main.b")}prediction",
            _cli.File("s.yaml", text.Replace(
                "    main:\n", "    main: { gpu: l40s, model: llama-2-7b, latency: roofline }\n    main.b:\n")));

        const string Policy = Pool + ".engine.policy={name: longest-first, by: predicted_total_tokens}";
        Refused(
            $"--set {Policy}{Message}source.parts.1.prediction",
            _cli.File("m.yaml", File.ReadAllText(CommandRun.Scenario("multi-turn")).Replace(
                "labels: { service: conversation }", "prediction: {}")),
            "--set",
            Policy);
    }

    [Fact]
    public void A_mix_has_no_prediction_of_its_own() => Refused(
        "m.yaml: workload.prediction: the source 'mix' takes none",
        _cli.File("m.yaml", File.ReadAllText(CommandRun.Scenario("multi-turn"))),
        "--set",
        "workload.prediction={}");

    [Fact]
    public void Made_up_requests_need_an_end_and_arrivals_and_lengths()
    {
        const string File = "configs/scenarios/quickstart.yaml";
        Refused(
            $"{File}: duration: missing: made-up arrivals do not end by themselves; expected duration or requests",
            Quickstart, "--set", "duration=~");
        Refused(
            $"{File}: workload.arrivals: missing, expected when requests arrive: the source 'synthetic' needs it",
            Quickstart, "--set", "workload.arrivals=~");
        Refused(
            $"{File}: workload.lengths: missing, expected how long prompts and outputs are (or prompt_tokens and "
                + "output_tokens): the source 'synthetic' needs it",
            Quickstart, "--set", "workload.lengths=~");
        Refused(
            $"{File}: workload: gives no request before the duration ends, expected at least one",
            Quickstart, "--set", "warmup=0s", "--set", "duration=1ms");
    }

    [Fact]
    public void A_trace_takes_no_arrivals() => Refused(
        "configs/scenarios/quickstart.yaml: workload.arrivals: the source 'trace' takes none",
        Quickstart, "--set", $"workload.source={{name: trace, path: {CommandRun.Trace("sample-burstgpt.csv")}}}");

    [Theory]
    [InlineData("",
        ": is empty; expected a header with 'Timestamp', 'Model', 'Request tokens', 'Response tokens', 'Log Type'")]
    [InlineData(Header, ": holds no row; expected at least one")]
    [InlineData("Timestamp,Model,Request tokens,Log Type\n",
        ":1: no column 'Response tokens'; found 'Timestamp', 'Model', "
        + "'Request tokens', 'Log Type'; expected 'Timestamp', 'Model', 'Request tokens', 'Response tokens', "
        + "'Log Type'")]
    [InlineData(Header + "0,ChatGPT,5,5,10,API log\n1,ChatGPT,5x,5,10,API log\n",
        ":3: 'Request tokens' is '5x'; expected a whole number of tokens, 0 or more")]
    [InlineData(Header + "0,ChatGPT,5,-5,0,API log\n",
        ":2: 'Response tokens' is '-5'; expected a whole number of tokens, 0 or more")]
    [InlineData(Header + "5,ChatGPT,5,5,10,API log\n3,ChatGPT,5,5,10,API log\n",
        ":3: 'Timestamp' is 3 after 5; expected rows in order of time")]
    [InlineData(Header + "0,a;b,5,5,10,API log\n", ":2: 'Model' is 'a;b'; expected a name without ';' and '='")]
    [InlineData(Header + "0,ChatGPT,5,0,5,API log\n", ": no row becomes a request: of 1 read, 0 outside the window, "
        + "0 filtered out, 1 failed, 0 over the limit")]
    public void A_trace_that_cannot_be_used_is_refused_at_its_line(string csv, string message) =>
        TraceRefused(csv.Replace("t.csv", ""), message);

    [Fact]
    public void A_trace_that_breaks_late_is_refused_and_leaves_nothing()
    {
        string rows = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i},ChatGPT,100,20,120,API log\n"));
        TraceRefused(
            $"{Header}{rows}oops", ":502: is no CSV row: Record 502 (line 502) has 1 fields but 6 were expected.");
    }

    [Fact]
    public void A_missing_trace_is_told_with_where_it_was_looked_for() => Refused(
        "traces/no.csv: no such file: traces/no.csv",
        _cli.File("s.yaml", File.ReadAllText(CommandRun.Scenario("burstgpt-week")).Replace(
            "../../traces/BurstGPT_1.csv", CommandRun.Trace("no.csv"))));

    [Fact]
    public void Too_many_values_of_the_reported_labels_are_refused()
    {
        string rows = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},M{i},10,5,15,API log\n"));
        _cli.File("t.csv", Header + rows);
        Refused(
            "configs/scenarios/burstgpt-week.yaml: report_by: the requests have more than 15 different values of these "
                + "labels and pools, expected at most 15",
            CommandRun.Scenario("burstgpt-week"), "--set", $"workload.source.path={_cli.In("t.csv")}");
    }

    [Theory]
    [InlineData(Pool + ".host.ms_per_step=1e300")]
    [InlineData(Pool + ".latency.step_us=1e15")]
    [InlineData(Pool + ".latency.gemm.compute=1e-300")]
    [InlineData(Pool + ".latency={name: constant, step_ms: 1e13}")]
    [InlineData("slo.ttft_ms=1e300")]
    public void A_time_beyond_the_simulators_clock_is_refused(string setting) => Refused(
        "configs/scenarios/quickstart.yaml: a time is beyond the simulator's clock of 1067d: a latency, limit or "
            + "length is too large",
        Quickstart, "--set", setting);

    [Theory]
    [InlineData(
        "report_by=[service, planet]", "report_by.1: found 'planet', a label that no request has; known: service")]
    [InlineData(
        "report_by=[servce]",
        "report_by.0: found 'servce', a label that no request has (did you mean 'service'?); known: service")]
    [InlineData(
        "slo.by_label=[{ label: service, value: chta, target: {} }]",
        "slo.by_label.0.value: found 'chta', which is label 'service' of no request; known: conversation")]
    [InlineData(
        "clients.by_label=[{ label: tenant, value: a, rules: {} }]",
        "clients.by_label.0.label: found 'tenant', a label that no request has; known: service")]
    [InlineData(
        "cluster.admission={ name: token-bucket, rate_per_s: 1, capacity: 1, label: tenant }",
        "cluster.admission.label: found 'tenant', a label that no request has; known: service")]
    [InlineData(
        "cluster.router=session-affinity",
        "cluster.router.label: found 'session', a label that no request has; known: service")]
    [InlineData(
        "cluster.router={ name: consistent-hash, label: user }",
        "cluster.router.label: found 'user', a label that no request has; known: service")]
    [InlineData(
        "cluster.router={ name: llm-d, session_affinity_weight: 1 }",
        "cluster.router.session_label: found 'session', a label that no request has; known: service")]
    [InlineData(
        Pool + ".serves={ model: [a] }",
        Pool + ".serves.model: found 'model', a label that no request has; known: service")]
    [InlineData(
        Pool + ".serves={ service: [conversation, chat] }",
        Pool + ".serves.service.1: found 'chat', which is label 'service' of no request; known: conversation")]
    public void A_label_that_no_request_can_have_is_told(string setting, string error) =>
        SettingRefused(setting, error);

    /// <summary>Rows of a trace may have them, and each part of a mix has its own.</summary>
    [Fact]
    public void A_label_that_some_request_may_have_can_be_asked_for()
    {
        const string Rest = "arrivals: { name: poisson, rate_per_s: 1 }, "
            + "prompt_tokens: { name: constant, tokens: 10 }, output_tokens: { name: constant, tokens: 5 }";
        const string Mix = "workload={ labels: { service: api }, source: { name: mix, parts: ["
            + "{ source: synthetic, labels: { service: chat }, " + Rest + " }, "
            + "{ source: synthetic, labels: { tenant: a }, " + Rest + " }] } }";
        Assert.Equal(0, _cli.Run(
            "run", Quickstart, "--set", Mix, "--set", "report_by=[tenant, service]", "--set",
            "slo.by_label=[{ label: service, value: api, target: {} }, { label: service, value: chat, target: {} }]",
            "--set", "requests=20", "--set", "warmup=0s", "--out", _cli.In("out")));
    }

    [Fact]
    public void A_label_that_no_request_can_have_is_told_at_its_line()
    {
        string text = File.ReadAllText(CommandRun.Scenario("quickstart")).Replace(
            "report_by: [service]\n",
            "report_by:\n- service\n- model\nclients:\n  by_label:\n  - label: planet\n    value: x\n    rules: {}\n");
        int first = text.Split('\n').TakeWhile(l => !l.Contains("- model")).Count() + 1;
        Refused(
            $"s.yaml:{first}: report_by.1: found 'model', a label that no request has; known: service"
                + Environment.NewLine
                + $"s.yaml:{first + 3}: clients.by_label.0.label: found 'planet', a label that no request has; "
                + "known: service",
            _cli.File("s.yaml", text));
    }

    [Fact]
    public void A_file_in_the_way_of_the_results_is_refused_and_stays()
    {
        string file = _cli.File("taken", "mine");
        Assert.Equal(2, _cli.Run("run", Quickstart, "--out", file));
        Assert.StartsWith($"cannot write results to 'taken': ", _cli.Error);
        Assert.Equal(2, _cli.Run("run", Quickstart, "--out", Path.Combine(file, "below")));
        Assert.StartsWith($"cannot write results to 'taken/below': ", _cli.Error);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public void Nothing_is_said_of_the_inside_of_the_program()
    {
        SettingRefused("seed=1.5", "seed: found '1.5', expected a whole number");
        Assert.DoesNotContain("   at ", _cli.Error);
        Assert.Equal(2, _cli.Run("trace", "info", _cli.In("no.csv")));
        Assert.StartsWith("no.csv: no such file", _cli.Error);
        Assert.Equal(2, _cli.Run("validate", _cli.In("no.yaml")));
        Assert.Equal("no.yaml: no such file" + Environment.NewLine, _cli.Error);
    }
}
