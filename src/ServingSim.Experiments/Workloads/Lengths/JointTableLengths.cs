using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>joint-table</c>.</summary>
/// <param name="Path">The table: a name in <c>configs/lengths</c> or a path.</param>
public sealed record JointTableOptions(NamedFile<JointTable> Path);

/// <summary>
/// Lengths as a joint table has them: a range of prompts by weight, a prompt anywhere in it, and an output from the
/// range's own quantiles, so that long prompts keep their longer outputs.
/// </summary>
public sealed class JointTableLengths : IJointLengths
{
    private readonly JointBin[] _bins;
    private readonly QuantileCurve[] _outputs;
    private readonly RisingNumbers _weightsBefore;
    private readonly double _totalWeight;

    /// <summary>The distribution of a table without problems.</summary>
    public JointTableLengths(JointTableOptions options)
        : this(options.Path.Value)
    {
    }

    private JointTableLengths(JointTable table)
    {
        _bins = [.. table.Bins];
        _outputs = [.. _bins.Select(bin => new QuantileCurve(table.OutputProbabilities, bin.OutputTokens))];
        (_weightsBefore, _totalWeight) = RisingNumbers.SumsBefore(_bins.Select(bin => bin.Weight));
    }

    /// <summary>The distribution of a table without problems that stands in the scenario itself.</summary>
    public static JointTableLengths InPlace(JointTable table) => new(table);

    /// <inheritdoc/>
    public RequestLengths Draw(ref Draws prompt, ref Draws output)
    {
        int chosen = _weightsBefore.LastNotAbove(prompt.NextUnit() * _totalWeight);
        JointBin bin = _bins[chosen];
        int promptTokens = bin.MinPromptTokens + prompt.NextIndex(bin.MaxPromptTokens - bin.MinPromptTokens + 1);
        return new RequestLengths(promptTokens, _outputs[chosen].At(output.NextUnit()));
    }
}
