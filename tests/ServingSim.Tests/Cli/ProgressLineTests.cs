using ServingSim.Cli;
using Xunit;

namespace ServingSim.Tests.Cli;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _error = new();
    private readonly Clock _clock = new();

    public void Dispose() => _error.Dispose();

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long GetTimestamp() => Now.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }

    private ProgressLine Line(bool isShown = true) => new(_error, isShown, _clock);

    private void At(ProgressLine line, double wallS, double simulatedS, long done, double? share)
    {
        _clock.Now = TimeSpan.FromSeconds(wallS);
        line.Report(simulatedS, done, share);
    }

    [Fact]
    public void A_run_of_less_than_a_second_shows_nothing()
    {
        using (var line = Line())
        {
            At(line, 0.99, 100, 10, 0.5);
        }

        Assert.Empty(_error.ToString());
    }

    [Fact]
    public void The_line_tells_simulated_time_requests_share_and_time_left()
    {
        using var line = Line();
        At(line, 10, 90061, 1_234_567, 0.25);
        Assert.Equal("\rsimulated 1d 01:01:01  1,234,567 requests done  25.0 %  00:00:30 left", _error.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.0)]
    public void Where_the_end_is_not_known_no_time_left_is_told(double? share)
    {
        using var line = Line();
        At(line, 10, 61, 5, share);
        Assert.Equal("\rsimulated 00:01:01  5 requests done", _error.ToString());
    }

    [Fact]
    public void It_is_renewed_at_most_ten_times_a_second()
    {
        using var line = Line();
        At(line, 2, 1, 1, null);
        At(line, 2.09, 2, 2, null);
        Assert.DoesNotContain("2 requests", _error.ToString());
        At(line, 2.11, 3, 3, null);
        Assert.Contains("3 requests", _error.ToString());
    }

    [Fact]
    public void A_shorter_text_leaves_nothing_of_the_longer_one_and_the_end_wipes_all()
    {
        using (var line = Line())
        {
            At(line, 2, 1, 100_000, null);
            At(line, 3, 1, 1, null);
        }

        var lines = _error.ToString().Split('\r');
        Assert.Equal(lines[1].Length, lines[2].Length);
        Assert.Equal(string.Empty, lines[3].Trim() + lines[4]);
    }

    [Fact]
    public void A_download_tells_its_bytes_and_by_those_of_this_time_what_is_left()
    {
        using var line = Line();
        line.ReportBytes(500_000, 1_000_000);
        _clock.Now = TimeSpan.FromSeconds(10);
        line.ReportBytes(600_000, 1_000_000);
        Assert.Equal("\r600,000 of 1,000,000 bytes  60.0 %  00:00:40 left", _error.ToString());
    }

    /// <summary>Two lines above: the cursor goes up two lines, and all from there on is cleared.</summary>
    [Fact]
    public void What_stands_above_the_line_is_renewed_with_it_and_goes_at_the_end()
    {
        using (var line = Line())
        {
            _clock.Now = TimeSpan.FromSeconds(10);
            line.ReportRuns(0, 4, () => "nothing yet\n");
            _clock.Now = TimeSpan.FromSeconds(11);
            line.ReportRuns(1, 4, () => "a\nb\n");
            _clock.Now = TimeSpan.FromSeconds(12);
            line.ReportRuns(2, 4, () => "a\nc\n");
        }

        string[] shown = _error.ToString().Split("\r\e[2A\e[J");
        Assert.EndsWith("\ra\nb\n\r1 of 4 runs  25.0 %  00:00:33 left", shown[0]);
        Assert.Equal(["a\nc\n\r2 of 4 runs  50.0 %  00:00:12 left", ""], shown[1..]);
        Assert.DoesNotContain("nothing", shown[0]);
    }

    [Fact]
    public void Where_nobody_watches_nothing_is_written()
    {
        using (var line = Line(isShown: false))
        {
            At(line, 100, 1, 1, 0.5);
        }

        Assert.Empty(_error.ToString());
    }
}
