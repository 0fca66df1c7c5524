using System.Text;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing.Demonstrations;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing.Demonstrations;

/// <summary>Figures of cases that share their chance.</summary>
public sealed class PairedFiguresTests
{
    [Fact]
    public void Differences_and_factors_are_of_pairs()
    {
        PairedFigures figures = new("case");
        foreach ((double a, double b) in new[] { (1.0, 2.0), (10.0, 20.0), (100.0, 200.0) })
        {
            figures.Add("x", a, "a");
            figures.Add("x", b, "b");
        }

        Assert.Equal(37, figures.Of("x", "a")!.Value.Mean);
        Assert.Equal(37, figures.Difference("x", ["b"], ["a"])!.Value.Mean);
        Estimate factor = figures.LogRatio("x", ["b"], ["a"])!.Value;
        Assert.Equal((Math.Log(2), 0.0), (factor.Mean, factor.HalfWidth!.Value));
        Assert.Null(figures.Of("y", "a"));
    }

    [Fact]
    public void The_table_is_written_a_row_a_figure()
    {
        PairedFigures figures = new("gpu", "way");
        figures.Add("x", 1, "g", "w");
        figures.Add("x", 3, "g", "w");
        using MemoryStream stream = new();
        figures.Write(stream);

        Assert.StartsWith(
            "gpu,way,figure,runs,mean,half_width\ng,w,x,2,2,12.7", Encoding.UTF8.GetString(stream.ToArray()));
    }
}
