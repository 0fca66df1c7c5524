using Xunit;

namespace ServingSim.Tests.Experiments;

/// <summary>
/// A mean and its confidence interval from one long, correlated series: the first of 21 batches is warm-up and dropped,
/// the means of the other 20, each far longer than the correlation, are taken as independent and normal.
/// </summary>
internal readonly record struct BatchMeans(double Mean, double HalfWidth)
{
    private const int Batches = 20;

    /// <summary>Student's t for 19 degrees of freedom and a confidence of 99.9 %.</summary>
    private const double StudentT = 3.883;

    public static BatchMeans Of(IReadOnlyList<double> series)
    {
        int length = series.Count / (Batches + 1);
        double[] means = [.. series.Skip(length).Chunk(length).Take(Batches).Select(batch => batch.Average())];
        double mean = means.Average();
        double variance = means.Sum(m => (m - mean) * (m - mean)) / (Batches - 1);
        return new BatchMeans(mean, StudentT * Math.Sqrt(variance / Batches));
    }

    /// <summary>The interval holds the expected value, and is narrow enough to say something.</summary>
    public void AssertEquals(double expected, double precision = 0.15)
    {
        Assert.True(Math.Abs(Mean - expected) <= HalfWidth, $"{this} does not hold {expected}");
        Assert.True(HalfWidth <= precision * expected, $"{this} is too wide to tell {expected}");
    }

    /// <summary>The interval lies above zero.</summary>
    public void AssertPositive() => Assert.True(Mean - HalfWidth > 0, $"{this} is not above 0");
}
