using ServingSim.Engine.Specs;
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
                "hidden_size must be positive, not 0",
                "vocab_size must be positive, not -1",
                "a model has either intermediate_size (a dense FFN) or moe (experts), not both and not neither",
                "num_attention_heads (32) must be a multiple of num_key_value_heads (64)",
            ],
            model.Problems());
    }

    [Fact]
    public void Zeros_everywhere_are_problems_and_not_exceptions()
    {
        ModelSpec model = new(0, 0, 0, 0, 0, 0, 0, new MoeSpec(0, 0, 0), 0);

        Assert.True(model.Problems().Count() >= 10);
        Assert.Single(new Parallelism(0).Problems());
        Assert.Empty(new Parallelism(0).ProblemsWith(model));
        Assert.Equal(6, new GpuSpec("", 0, 0, double.NaN, 0, 0, 0).Problems().Count());
    }

    [Fact]
    public void Heads_that_do_not_divide_by_head_count_need_a_head_dim()
    {
        Assert.Contains("unless head_dim is given", Assert.Single((Llama with { HiddenSize = 4100 }).Problems()));
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
        Assert.Single(new MoeSpec(8, 9, 100).Problems());
}
