using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Calibrating;

/// <summary>Tables of operators as the profiling kit writes them, used by a pool.</summary>
public sealed class OperatorCsvTests : IDisposable
{
    private const string Header = "operator,dtype,gpus,m,n,k,batch,tokens,heads,kv_heads,head_dim,bytes,ms";

    private static readonly string[] Rows =
    [
        "gemm,bfloat16,0,1,4096,4096,0,0,0,0,0,0,0.02",
        "gemm,bfloat16,0,8192,4096,4096,0,0,0,0,0,0,0.5",
        "prefill_attention,bfloat16,0,0,0,0,1,1024,32,8,128,0,0.05",
        "decode_attention,bfloat16,0,0,0,0,1,16,32,8,128,0,0.01",
        "decode_attention,bfloat16,0,0,0,0,64,4096,32,8,128,0,0.4",
        "launch,bfloat16,0,0,0,0,0,0,0,0,0,0,0.002",
    ];

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_pool_runs_by_a_measured_table_and_runs_of_steps_change_nothing()
    {
        string file = File(Rows);
        Assert.Equal((0, ""), (Run(file, "out"), _cli.Error));
        Assert.Contains("step times: table as the scenario states it, error not stated", _cli.Output);
        Assert.Equal(0, Run(file, "steps", "cluster.pools.main.engine.max_run_steps=1"));
        Assert.Equal(_cli.Bytes("out", "requests.csv"), _cli.Bytes("steps", "requests.csv"));
    }

    [Fact]
    public void What_a_table_lacks_is_told()
    {
        Refused("ops.csv: holds no row of operator launch; expected some", File(Rows[..^1]));
        Refused(
            "ops.csv: holds no row of operator all_reduce; expected some", File(Rows),
            "cluster.pools.main.parallelism.tp=2");
        Refused(
            "ops.csv:2: ms is 'fast'; expected a number, greater than 0",
            File(["launch,,0,0,0,0,0,0,0,0,0,0,fast"]));
        Refused("ops.csv:2: no operator is named 'conv'; known: gemm, ", File(["conv,,0,0,0,0,0,0,0,0,0,0,1"]));
        Refused("ops.csv:1: lacks columns operator, m, n, k,", _cli.File("ops.csv", "a,ms\n1,2\n"));
    }

    [Fact]
    public void Steps_beyond_the_table_are_counted()
    {
        Assert.Equal(0, Run(File(Rows), "out", "cluster.pools.main.engine.max_num_batched_tokens=16384"));
        Assert.Contains("of steps outside its range", _cli.Output.ReplaceLineEndings(" "));
    }

    [Fact]
    public void Operators_of_another_dtype_or_head_size_are_not_used()
    {
        string[] others =
            [.. Rows, "gemm,fp8,0,1,4096,4096,0,0,0,0,0,0,9", "decode_attention,,0,0,0,0,1,16,32,8,64,0,9"];
        Assert.Equal(0, Run(File(Rows), "out"));
        Assert.Equal(0, Run(File(others), "others"));
        Assert.Equal(_cli.Bytes("out", "requests.csv"), _cli.Bytes("others", "requests.csv"));

        Refused(
            "ops.csv: holds no row of operator gemm but of bfloat16; expected some of fp8", File(Rows),
            "cluster.pools.main.model=llama-3.1-8b-fp8");
        Refused(
            "ops.csv: holds no row of operator prefill_attention but of head_dim 128; expected some of bfloat16 and "
            + "head_dim 64",
            File(Rows), "cluster.pools.main.model=llama-3.2-1b");
        Refused(
            "ops.csv: holds no row of operator prefill_attention but of bfloat16; expected some of fp8", File(Rows),
            "cluster.pools.main.engine.kv_cache_dtype=fp8");
    }

    [Fact]
    public void A_model_of_experts_is_refused()
    {
        Assert.Equal(2, Run(
            File(Rows), "out", "cluster.pools.main.model=mixtral-8x7b", "cluster.pools.main.parallelism.tp=2"));
        Assert.Contains("latency: does not fit model mixtral-8x7b: tables of operators hold no experts", _cli.Error);
    }

    private void Refused(string message, string file, params string[] settings)
    {
        Assert.Equal(2, Run(file, "out", settings));
        Assert.Contains(message, _cli.Error);
    }

    private string File(string[] rows) => _cli.File("ops.csv", string.Join('\n', rows.Prepend(Header)) + "\n");

    private int Run(string file, string folder, params string[] settings)
    {
        string[] all =
            [$"cluster.pools.main.latency={{name: table, file: '{file}'}}", "requests=100", "warmup=0s", .. settings];
        return _cli.Run([
            "run", CommandRun.Scenario("quickstart"), .. all.SelectMany(s => new[] { "--set", s }), "--out",
            _cli.In(folder),
        ]);
    }
}
