using ServingSim.Engine.Latency;
using ServingSim.Tests.Oracle;

namespace ServingSim.Tests;

/// <summary>Stages whose shares of a step are affine in its tokens.</summary>
internal sealed class AffineStages(IReadOnlyList<OracleStage> stages) : IStageShares
{
    public void Of(in StepShape shape, Span<long> shares)
    {
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = stages[i].Fixed + (stages[i].PerToken * shape.Tokens);
        }
    }
}
