using System.Text;
using ServingSim.Experiments.Results;
using ServingSim.Report;
using Xunit;

namespace ServingSim.Tests.Report;

public class TimeSeriesPictureTests
{
    private static TimeSeriesPicture Example(int windows, double window, params string[] pools)
    {
        double Wave(int i) => 1 + Math.Sin(i * 2 * Math.PI / (86400 / window));
        var rows = Enumerable.Range(0, windows).SelectMany(i => pools.Select((pool, p) => new TimeSeriesRecord
        {
            StartS = i * window,
            Pool = pool,
            Arrived = (long)(window * 3 * Wave(i) / (p + 1)),
            Refused = 0,
            Completed = (long)(window * 3 * Wave(Math.Max(0, i - 1)) / (p + 1)),
            RunningMean = 40 * Wave(i),
            WaitingMean = Math.Max(0, (Wave(i) - 1.6) * 50),
            KvCacheUsageMean = Math.Min(1, Wave(i) / 2 / (p + 1)),
            TtftP50S = i % 7 == 3 ? null : 0.2 * Wave(i),
            TtftP99S = i % 7 == 3 ? null : 2.5 * Wave(i),
            Preemptions = 0,
            PromptTokens = 0,
            OutputTokens = 0,
        })).ToList();
        return new TimeSeriesPicture(rows, window);
    }

    private static byte[] Png(TimeSeriesPicture picture)
    {
        using var stream = new MemoryStream();
        picture.WritePng(stream);
        return stream.ToArray();
    }

    private static string Svg(TimeSeriesPicture picture)
    {
        using var stream = new MemoryStream();
        picture.WriteSvg(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        var png = Png(Example(168, 3600, "main", "spare"));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.Equal(png, Png(Example(168, 3600, "main", "spare")));
        Assert.NotEqual(png, Png(Example(168, 3600, "main")));
    }

    [Fact]
    public void The_text_of_the_picture_is_there_in_the_font_that_is_shipped()
    {
        var svg = Svg(Example(168, 3600, "main", "spare"));
        Assert.All(
            [
                "requests/s", "arrived", "running", "waiting", "KV cache usage (%)", "spare", "TTFT, longest pool (s)",
                "p99",
            ],
            text => Assert.Contains(text, svg));
        Assert.Contains("simulated time (days)", svg);
        Assert.Contains("DejaVu Sans", svg);
        Assert.DoesNotContain("refused", svg);
        Assert.Contains("TTFT (s)", Svg(Example(168, 3600, "main")));
    }

    [Theory]
    [InlineData(1, 0.5, "seconds")]
    [InlineData(60, 60, "minutes")]
    [InlineData(24, 3600, "hours")]
    [InlineData(500, 86400, "days")]
    public void Time_is_told_in_the_unit_that_fits(int windows, double window, string unit)
    {
        Assert.Contains($"simulated time ({unit})", Svg(Example(windows, window, "main")));
    }

    [Theory]
    [InlineData(0.5, 0.1)]
    [InlineData(90, 10)]
    [InlineData(3600, 5)]
    [InlineData(86400, 2)]
    [InlineData(7 * 86400, 1)]
    [InlineData(213 * 86400, 28)]
    [InlineData(900 * 86400, 84)]
    public void Ticks_are_few_and_round(double spanS, double tickUnits)
    {
        Assert.Equal(tickUnits, TimeAxis.For(spanS).TickUnits);
    }
}
