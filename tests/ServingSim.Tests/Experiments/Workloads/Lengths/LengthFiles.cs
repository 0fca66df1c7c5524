using ServingSim.Experiments.Workloads.Lengths;
using YamlDotNet.RepresentationModel;

namespace ServingSim.Tests.Experiments.Workloads.Lengths;

/// <summary>Reads the tables of configs/lengths.</summary>
internal static class LengthFiles
{
    internal static JointTable Joint(string name)
    {
        YamlMappingNode file = Load(name);
        return new JointTable(
            Text(file, "source"), Doubles(file, "output_probabilities"),
            [.. ((YamlSequenceNode)file["bins"]).Cast<YamlMappingNode>().Select(bin => new JointBin(
                int.Parse(Text(bin, "min_prompt_tokens")), int.Parse(Text(bin, "max_prompt_tokens")),
                double.Parse(Text(bin, "weight")), Ints(bin, "output_tokens")))]);
    }

    internal static QuantileTable Quantiles(string name)
    {
        YamlMappingNode file = Load(name);
        return new QuantileTable(Text(file, "source"), Doubles(file, "probabilities"), Ints(file, "tokens"));
    }

    private static YamlMappingNode Load(string name)
    {
        using StreamReader text = File.OpenText(Path.Combine(SharedData.Root, "configs", "lengths", name + ".yaml"));
        YamlStream yaml = [];
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static double[] Doubles(YamlMappingNode node, string key) =>
        [.. ((YamlSequenceNode)node[key]).Select(n => double.Parse(((YamlScalarNode)n).Value!))];

    private static int[] Ints(YamlMappingNode node, string key) =>
        [.. ((YamlSequenceNode)node[key]).Select(n => int.Parse(((YamlScalarNode)n).Value!))];
}
