using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine.Specs;

public sealed class ProblemsTests
{
    private static readonly ModelSpec Llama = new(4096, 32, 32, 8, 32000, 4096, IntermediateSize: 11008);

    [Fact]
    public void All_problems_of_a_model_are_told_at_once()
    {
        ModelSpec model = Llama with { HiddenSize = 0, NumKeyValueHeads = 64, VocabSize = -1, IntermediateSize = null };

        Assert.Equal(
            [
                ("HiddenSize", "found 0, expected more than 0"),
                ("VocabSize", "found -1, expected more than 0"),
                (null, "found neither, expected intermediate_size (a dense FFN) or moe (experts)"),
                ("NumAttentionHeads", "found 32, expected a multiple of num_key_value_heads (64)"),
            ],
            model.Problems());
    }

    [Fact]
    public void Zeros_everywhere_are_problems_and_not_exceptions()
    {
        ModelSpec model = new(0, 0, 0, 0, 0, 0, 0, new MoeSpec(0, 0, 0), 0);

        Assert.Equal(10, model.Problems().Count());
        Assert.Equal(3, model.Moe!.Problems().Count());
        Assert.Single(new Parallelism(0).Problems());
        Assert.Empty(new Parallelism(0).ProblemsWith(model));
        Assert.Equal(6, new GpuSpec("", 0, 0, double.NaN, 0, 0, 0).Problems().Count());
    }

    [Fact]
    public void Heads_that_do_not_divide_by_head_count_need_a_head_dim()
    {
        Assert.Equal(
            ("HiddenSize", "found 4100, expected a multiple of num_attention_heads (32), or head_dim"),
            Assert.Single((Llama with { HiddenSize = 4100 }).Problems()));
        Assert.Empty((Llama with { HiddenSize = 4100, HeadDim = 128 }).Problems());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(8, 0)]
    [InlineData(32, 0)]
    [InlineData(3, 3)]
    [InlineData(64, 1)]
    public void A_tensor_parallel_degree_must_divide_the_model(int tp, int problems) =>
        Assert.Equal(problems, new Parallelism(tp).ProblemsWith(Llama).Count());

    [Fact]
    public void More_experts_per_token_than_experts_is_a_problem() =>
        Assert.Equal(
            ("ExpertsPerToken", "found 9, expected at most experts (8)"),
            Assert.Single(new MoeSpec(8, 9, 100).Problems()));

    [Fact]
    public void Every_problem_blames_a_parameter_of_the_constructor()
    {
        const double Bad = double.NaN;
        IValidated[] values =
        [
            new ModelSpec(0, 0, 0, 0, 0, 0, 0, new MoeSpec(0, 0, 0), 0),
            new MoeSpec(0, 1, 0, -1, -1),
            new GpuSpec("", Bad, Bad, Bad, Bad, Bad, Bad, Bad, Bad, Bad, Bad, 0, Bad, 0, Bad, Bad),
            new Parallelism(0, 0, 0, 0),
            new MemoryOverhead(Bad, Bad),
            new ConstantLatencyOptions(Bad),
            new LinearPrefill(Bad, Bad, Bad),
            new LinearDecode(Bad, Bad, Bad, 0),
            new GemmEfficiency(Bad, Bad, Bad, Bad),
            new ExpertEfficiency(Bad, Bad, Bad, Bad, Bad, 0, Bad, [new TunedExperts(0, 1)]),
            new TunedExperts(0, 0),
            new DecodeAttentionEfficiency(Bad, Bad, Bad, Bad, -1),
            new PrefillAttentionEfficiency(Bad, Bad, Bad, Bad),
            new ElementwiseEfficiency(Bad, Bad),
            new AllReduceEfficiency(Bad, Bad),
            new MlaSpec(0, 0, 0, 0, 0),
            new SlidingWindow(0, 0),
            new HostOverhead(Bad, Bad, Bad, Bad, Bad, Bad),
            new HingePrefill(Bad, Bad, Bad, Bad, Bad, Bad),
        ];

        Assert.All(values, value => Assert.Empty(
            value.Problems().Select(p => p.Parameter).OfType<string>().Except(Parameters(value))));
        Assert.All(values[2..], value => Assert.Empty(
            Parameters(value).Except(value.Problems().Select(p => p.Parameter))));
    }

    private static IEnumerable<string?> Parameters(IValidated value) =>
        value.GetType().GetConstructors().Single().GetParameters().Select(p => p.Name);

    [Theory]
    [InlineData(8, 1, 1, true)]
    [InlineData(16, 1, 1, false)]
    [InlineData(8, 2, 1, false)]
    [InlineData(4, 1, 2, true)]
    [InlineData(4, 1, 3, false)]
    public void More_gpus_than_the_link_joins_need_a_network(int tp, int dp, int pp, bool fits)
    {
        GpuSpec gpu = new("any", 80, 3000, 900, 700, 450, 0.3, LinkGpus: 8);
        Parallelism parallelism = new(tp, dp, Pp: pp);

        Assert.Equal(fits, !parallelism.ProblemsWith(gpu).Any());
        Assert.Empty(parallelism.ProblemsWith(gpu with { NetworkGbPerS = 50 }));
    }

    [Theory]
    [InlineData(8, 2, 1)]
    [InlineData(4, 2, 0)]
    [InlineData(4, 4, 1)]
    [InlineData(3, 5, 2)]
    [InlineData(16, 3, 2)]
    public void Stages_fill_one_domain_after_the_other(int tp, int pp, int outside) =>
        Assert.Equal(outside, new Parallelism(tp, Pp: pp).BoundariesBeyond(8));
}
