namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// A log of requests as steps: the mean gap between a request's tokens is the mean duration of the steps meanwhile,
/// whose batch, contexts and prefills are those of the requests that were alive with it.
/// </summary>
internal sealed class RequestLog
{
    private readonly IReadOnlyList<MeasuredRow> _rows;
    private readonly double[] _times;
    private readonly double[] _aliveIntegral;
    private readonly double[] _contextIntegral;
    private readonly double[] _alive;
    private readonly double[] _context;
    private readonly double[] _contextPerS;
    private readonly double[] _prefilled;

    internal RequestLog(IReadOnlyList<MeasuredRow> rows)
    {
        _rows = rows;
        List<(double At, double Alive, double Context, double PerS, double Prefilled)> changes = [];
        foreach (MeasuredRow row in rows)
        {
            (double first, double last) = LifeOf(row);
            double decodes = Math.Max(0, row["output_tokens"] - 1);
            double perS = last > first ? decodes / (last - first) : 0;
            double prompt = row["prompt_tokens"];
            double prefilled = row.Or("new_prompt_tokens", Math.Max(1, prompt - row.Or("cached_tokens", 0)));
            changes.Add((first, 1, prompt, perS, prefilled));
            changes.Add((last, -1, -prompt - decodes, -perS, 0));
        }

        changes.Sort((a, b) => a.At.CompareTo(b.At));
        int count = changes.Count;
        (_times, _alive, _context, _contextPerS) = (new double[count], new double[count], new double[count],
            new double[count]);
        (_aliveIntegral, _contextIntegral, _prefilled) = (new double[count], new double[count], new double[count]);
        (double At, double Alive, double Context, double PerS, double Prefilled) now = default;
        for (int i = 0; i < count; i++)
        {
            var change = changes[i];
            double dt = i == 0 ? 0 : change.At - now.At;
            _aliveIntegral[i] = (i == 0 ? 0 : _aliveIntegral[i - 1]) + (now.Alive * dt);
            _contextIntegral[i] =
                (i == 0 ? 0 : _contextIntegral[i - 1]) + (now.Context * dt) + (now.PerS * dt * dt / 2);
            now = (change.At, now.Alive + change.Alive, now.Context + (now.PerS * dt) + change.Context,
                now.PerS + change.PerS, now.Prefilled + change.Prefilled);
            (_times[i], _alive[i], _context[i], _contextPerS[i], _prefilled[i]) =
                (now.At, now.Alive, now.Context, now.PerS, now.Prefilled);
        }
    }

    /// <summary>The mean step of each request that decodes.</summary>
    internal IEnumerable<(MeasuredRow Row, StepObservation Step)> Steps()
    {
        foreach (MeasuredRow row in _rows)
        {
            (double first, double last) = LifeOf(row);
            double steps = row["output_tokens"] - 1;
            if (steps < 1 || last <= first)
            {
                continue;
            }

            (double alive, double context, double prefilled) = MeansOver(first, last);
            double prefillTokens = prefilled / steps;
            yield return (row, new StepObservation(
                prefillTokens, 0, 0, alive, context, (last - first) * 1e3 / steps));
        }
    }

    private (double Alive, double Context, double Prefilled) MeansOver(double from, double to)
    {
        var (start, end) = (IntegralsAt(from), IntegralsAt(to));
        return (
            (end.Alive - start.Alive) / (to - from),
            (end.Context - start.Context) / (to - from),
            end.Prefilled - start.Prefilled);
    }

    private (double Alive, double Context, double Prefilled) IntegralsAt(double time)
    {
        // The last change not after the time: what happens at it is part of what was before
        int at = Array.BinarySearch(_times, time);
        at = at >= 0 ? at : ~at - 1;
        while (at + 1 < _times.Length && _times[at + 1] <= time)
        {
            at++;
        }

        double dt = time - _times[at];
        return (
            _aliveIntegral[at] + (_alive[at] * dt),
            _contextIntegral[at] + (_context[at] * dt) + (_contextPerS[at] * dt * dt / 2),
            _prefilled[at]);
    }

    /// <summary>When a request got its first and its last token, in seconds.</summary>
    private static (double First, double Last) LifeOf(MeasuredRow row) =>
        (row["arrival_s"] + (row["ttft_ms"] / 1e3), row["arrival_s"] + (row["e2e_ms"] / 1e3));
}
