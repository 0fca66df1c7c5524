using ServingSim.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Specs;

public sealed class ConfigFileTests
{
    public static TheoryData<string> Models => NamesIn("models");

    public static TheoryData<string> Gpus => NamesIn("gpus");

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_model_file_binds_without_problems_and_cites_its_source(string name)
    {
        Assert.Empty(ConfigFile.Model(name).Problems());
        Assert.StartsWith("# Source: ", File.ReadAllText(Path.Combine(ConfigFile.Folder, "models", name + ".yaml")));
    }

    [Theory]
    [MemberData(nameof(Gpus))]
    public void Every_gpu_file_binds_without_problems_and_cites_its_source(string name)
    {
        Assert.Empty(ConfigFile.Gpu(name).Problems());
        Assert.StartsWith("# Source: ", File.ReadAllText(Path.Combine(ConfigFile.Folder, "gpus", name + ".yaml")));
    }

    // Billions of parameters as the model cards state them
    [Theory]
    [InlineData("llama-2-7b", 6.74)]
    [InlineData("llama-2-13b", 13.02)]
    [InlineData("llama-2-70b", 68.98)]
    [InlineData("llama-3.1-8b", 8.03)]
    [InlineData("llama-3.1-70b", 70.55)]
    [InlineData("codellama-34b", 33.74)]
    [InlineData("qwen3-32b", 32.76)]
    [InlineData("mixtral-8x7b", 46.70)]
    [InlineData("llama-3.2-1b", 1.236)]
    [InlineData("qwen3-8b", 8.19)]
    [InlineData("llama-3.1-8b-fp8", 8.03)]
    [InlineData("qwen3-30b-a3b", 30.53)]
    [InlineData("qwen3-235b-a22b-fp8", 235.09)]
    [InlineData("minimax-m2.5", 228.69)]
    [InlineData("deepseek-v3", 671.026)]
    public void A_models_weights_in_bf16_are_two_bytes_for_each_parameter_of_its_card(string name, double billions)
    {
        ModelSpec model = ConfigFile.Model(name) with { WeightDtype = WeightDtype.Bf16 };
        long bytes = new ModelShard(model, new Parallelism()).WeightBytes;

        Assert.Equal(billions, bytes / 2 / 1e9, 0.006);
    }

    [Theory]
    [InlineData("a100-sxm-80gb", 2048, 256)]
    [InlineData("l40s", 2048, 256)]
    [InlineData("h100-sxm", 8192, 1024)]
    [InlineData("h200-sxm", 8192, 1024)]
    [InlineData("b200-sxm", 8192, 1024)]
    public void Engine_limits_default_by_device(string gpu, int batchedTokens, int seqs)
    {
        Assert.Equal(batchedTokens, EngineDefaults.MaxNumBatchedTokens(ConfigFile.Gpu(gpu)));
        Assert.Equal(seqs, EngineDefaults.MaxNumSeqs(ConfigFile.Gpu(gpu)));
    }

    private static TheoryData<string> NamesIn(string folder) => [.. Directory
        .EnumerateFiles(Path.Combine(ConfigFile.Folder, folder), "*.yaml")
        .Select(path => Path.GetFileNameWithoutExtension(path))
        .Order(StringComparer.Ordinal)];
}
