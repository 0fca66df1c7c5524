using System.Globalization;

namespace ServingSim.Cli;

/// <summary>
/// One line on standard error that tells how far a run is (simulated time, share done, requests done, time left) or a
/// download. It appears after a second, is renewed at most ten times a second, and is wiped at the end.
/// </summary>
/// <param name="error">Standard error.</param>
/// <param name="isShown">False where no person watches or progress is not wanted: then nothing is ever written.</param>
/// <param name="clock">The wall clock.</param>
internal sealed class ProgressLine(TextWriter error, bool isShown, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.1);

    private readonly long _start = clock.GetTimestamp();
    private TimeSpan _next = Delay;
    private int _width;
    private int _linesAbove;
    private long? _firstBytes;

    /// <summary>Tells how far the run is; cheap enough to call every few thousand events.</summary>
    /// <param name="simulatedS">Simulated time, in seconds.</param>
    /// <param name="requestsDone">Requests that have ended.</param>
    /// <param name="share">Share of the run that is done, from 0 to 1; null where the end is not known.</param>
    public void Report(double simulatedS, long requestsDone, double? share)
    {
        if (IsDue(out TimeSpan elapsed))
        {
            Write(
                $"simulated {Span(simulatedS)}  {requestsDone:N0} requests done", elapsed, share ?? 0, share ?? 0);
        }
    }

    /// <summary>Tells how far a download is; those of the first call may have come earlier.</summary>
    /// <param name="bytes">Bytes that are there.</param>
    /// <param name="total">Bytes that there will be.</param>
    public void ReportBytes(long bytes, long total)
    {
        _firstBytes ??= bytes;
        if (IsDue(out TimeSpan elapsed))
        {
            Write(
                $"{bytes:N0} of {total:N0} bytes", elapsed, (double)bytes / total,
                (bytes - _firstBytes.Value) / Math.Max(1.0, total - _firstBytes.Value));
        }
    }

    /// <summary>Tells how many of several runs have ended; may be called from several threads.</summary>
    /// <param name="done">Runs that have ended.</param>
    /// <param name="total">Runs that there will be.</param>
    /// <param name="above">What they gave so far, to be shown above the line; null for nothing.</param>
    public void ReportRuns(int done, int total, Func<string>? above = null)
    {
        lock (error)
        {
            if (IsDue(out TimeSpan elapsed))
            {
                if (above is not null && done > 0)
                {
                    Wipe();
                    string text = above();
                    error.Write(text);
                    _linesAbove = text.Count(c => c == '\n');
                }

                Write($"{done:N0} of {total:N0} runs", elapsed, (double)done / total, (double)done / total);
            }
        }
    }

    /// <summary>Tells how many runs have ended of nobody knows how many; may be called from several threads.</summary>
    public void ReportRuns(int done)
    {
        lock (error)
        {
            if (IsDue(out TimeSpan elapsed))
            {
                Write($"{done:N0} runs", elapsed, 0, 0);
            }
        }
    }

    /// <summary>Wipes the line.</summary>
    public void Dispose()
    {
        Wipe();
    }

    private void Wipe()
    {
        if (_width > 0)
        {
            // Up to the first line of what stands above, and all from there on goes
            error.Write('\r' + (_linesAbove > 0 ? $"\e[{_linesAbove}A\e[J" : new string(' ', _width) + '\r'));
            (_width, _linesAbove) = (0, 0);
        }
    }

    private bool IsDue(out TimeSpan elapsed)
    {
        elapsed = clock.GetElapsedTime(_start);
        if (!isShown || elapsed < _next)
        {
            return false;
        }

        _next = elapsed + Period;
        return true;
    }

    /// <summary>Shows the text, the share of all that is done and the time left by that done since the start.</summary>
    private void Write(string text, TimeSpan elapsed, double share, double shareSinceStart)
    {
        if (share is > 0 and <= 1 && shareSinceStart > 0)
        {
            var left = elapsed.TotalSeconds * (1 - shareSinceStart) / shareSinceStart;
            text += string.Create(CultureInfo.InvariantCulture, $"  {100 * share:0.0} %  {Span(left)} left");
        }

        error.Write('\r' + text.PadRight(_width));
        _width = text.Length;
    }

    private static string Span(double seconds)
    {
        var span = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2));
        return span.Days > 0 ? $"{span.Days}d {span:hh\\:mm\\:ss}" : $"{span:hh\\:mm\\:ss}";
    }
}
