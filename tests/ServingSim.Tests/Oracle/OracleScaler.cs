namespace ServingSim.Tests.Oracle;

/// <summary>A pool's engines as they are started and stopped, literally.</summary>
internal sealed class OracleScaler(
    OracleScaling scaling, int first, int count, Func<int, int, double> metric, Func<int, bool> isEmpty)
{
    private readonly List<(long At, int Wanted)> _recommended = [];
    private readonly List<(long At, int Current)> _looks = [];
    private readonly List<double> _measured = [];
    private int _grace;

    /// <summary>What each engine does.</summary>
    public enum Stage
    {
        Stopped,
        Starting,
        Ready,
        Draining,
    }

    public OracleScaling Scaling => scaling;

    public Stage[] Stages { get; } =
        [.. Enumerable.Range(0, count).Select(i => i < scaling.Initial ? Stage.Ready : Stage.Stopped)];

    /// <summary>When each began to be started.</summary>
    public long[] Since { get; } = new long[count];

    /// <summary>Ticks in which engines were not stopped.</summary>
    public long Paid { get; private set; }

    public int Wanted { get; private set; } = scaling.Initial;

    public int Current => Stages.Count(s => s is Stage.Starting or Stage.Ready);

    public bool IsReady(int engine) => Stages[engine - first] == Stage.Ready;

    /// <summary>Whether one of its engines is stopped, or was never started; not of other pools' engines.</summary>
    public bool IsStopped(int engine) =>
        engine >= first && engine < first + count && Stages[engine - first] == Stage.Stopped;

    /// <summary>When it looks next, and when one serves.</summary>
    public IEnumerable<long> Times(long now)
    {
        for (int i = 0; i < count; i++)
        {
            if (Stages[i] == Stage.Starting)
            {
                yield return Since[i] + scaling.ColdStart;
            }

            if (Stages[i] == Stage.Draining && isEmpty(first + i))
            {
                // By what was decided at this tick: who had given up was let go
                yield return now + 1;
            }
        }

        foreach ((long at, _) in scaling.Counts)
        {
            yield return at;
        }

        if (scaling.Every is { } every && ((now / every) + 1) * every < scaling.Until)
        {
            yield return ((now / every) + 1) * every;
        }
    }

    public void Pass(long ticks) => Paid += ticks * Stages.Count(s => s != Stage.Stopped);

    /// <summary>Those whose cold start is over, by their numbers among all engines, serve from now on.</summary>
    public List<int> BeginServing(long now)
    {
        List<int> serving = [];
        for (int i = 0; i < count; i++)
        {
            if (Stages[i] == Stage.Starting && Since[i] + scaling.ColdStart == now)
            {
                Stages[i] = Stage.Ready;
                serving.Add(first + i);
            }
        }

        return serving;
    }

    /// <summary>Draining ones that have nothing left are stopped; how many.</summary>
    public int StopDrained()
    {
        int stopped = 0;
        for (int i = 0; i < count; i++)
        {
            if (Stages[i] == Stage.Draining && isEmpty(first + i))
            {
                Stages[i] = Stage.Stopped;
                stopped++;
            }
        }

        return stopped;
    }

    public bool LooksAt(long now) => scaling.Every is { } every
        ? now > 0 && now % every == 0 && now < scaling.Until
        : scaling.Counts.Any(c => c.At == now);

    /// <summary>Decides; those that it begins to start take a GPU each, those that it stops give one back.</summary>
    public void Look(long now, Func<bool> takeGpu, Action giveGpuBack)
    {
        if (Decide(now) is { } decided)
        {
            Wanted = Math.Clamp(decided, scaling.Min, count);
        }

        int before = Current;
        Start(now, takeGpu);
        for (int fewer = before - Wanted; fewer > 0; fewer--)
        {
            int last = Enumerable.Range(0, count).Where(i => Stages[i] is Stage.Starting or Stage.Ready)
                .OrderBy(i => Stages[i] == Stage.Starting ? 0 : 1).ThenBy(i => -Since[i]).ThenBy(i => -i).First();
            bool goes = Stages[last] == Stage.Starting || isEmpty(first + last);
            Stages[last] = goes ? Stage.Stopped : Stage.Draining;
            if (goes)
            {
                giveGpuBack();
            }
        }
    }

    /// <summary>Starts what is wanted and not there, while there are engines and GPUs.</summary>
    public void Start(long now, Func<bool> takeGpu)
    {
        while (Current < Wanted && Array.IndexOf(Stages, Stage.Stopped) is >= 0 and int next && takeGpu())
        {
            (Stages[next], Since[next]) = (Stage.Starting, now);
        }
    }

    private int? Decide(long now)
    {
        if (scaling.Every is null)
        {
            return scaling.Counts.Last(c => c.At <= now).Engines;
        }

        double[] ready =
        [
            .. Enumerable.Range(0, count).Where(i => Stages[i] == Stage.Ready)
                .Select(i => metric(first + i, scaling.Metric)),
        ];
        return scaling.LooksOfDecision is { } looks
            ? ByThresholds(now, looks, ready)
            : ByHpa(now, ready);
    }

    private int? ByThresholds(long now, int looks, double[] ready)
    {
        if (ready.Length > 0)
        {
            _measured.Add(ready.Average());
        }

        if (now / scaling.Every!.Value % looks != 0 || _measured.Count == 0)
        {
            return null;
        }

        (double mean, double trend) = (_measured.Average(), _measured[^1] - _measured[0]);
        double later = _measured[^1] + (trend * scaling.Thresholds.Grace);
        _measured.Clear();
        bool inGrace = _grace > 0;
        _grace -= inGrace ? 1 : 0;
        if (Stages.Any(s => s is Stage.Starting or Stage.Draining))
        {
            return null;
        }

        if (mean < scaling.Thresholds.Down && !inGrace)
        {
            return Current - 1;
        }

        bool byQueue = scaling.Metric == 0;
        if (mean > scaling.Thresholds.Up && (!byQueue || later > scaling.Thresholds.Up))
        {
            _grace = byQueue ? 0 : scaling.Thresholds.Grace;
            return Current + 1;
        }

        return Current;
    }

    private int ByHpa(long now, double[] ready)
    {
        (int recommended, int wanted) = (Recommend(ready), 0);
        _looks.Add((now, Current));

        // The most of now and of the looks that are not so long ago; at the first, also of what there was then
        foreach ((long at, int then) in _recommended.Prepend((_looks[0].At, _looks[0].Current)))
        {
            wanted = now - at < scaling.Hpa.Stabilization ? Math.Max(wanted, then) : wanted;
        }

        wanted = recommended >= Current ? recommended : Math.Min(Current, Math.Max(wanted, recommended));
        _recommended.Add((now, recommended));

        // What there was before the first look whose change lies within the period
        int began = _looks.First(l => l.At > now - scaling.Policies.Ticks).Current;
        int most = Math.Max(
            began + scaling.Policies.Pods, (int)Math.Ceiling(began * (1 + (scaling.Policies.Percent / 100.0))));
        int least = (int)(began * (1 - (scaling.Policies.PercentDown / 100.0)));
        return wanted > Current
            ? Math.Min(wanted, Math.Max(most, Current))
            : Math.Max(wanted, Math.Min(least, Current));
    }

    private int Recommend(double[] ready)
    {
        double ratio = ready.Length == 0 ? 1 : ready.Sum() / ready.Length / scaling.Hpa.Target;
        if (Math.Abs(ratio - 1) <= 0.1)
        {
            return Current;
        }

        if (ratio < 1 || Current == ready.Length)
        {
            return (int)Math.Ceiling(ratio * ready.Length);
        }

        // Those that start count as without load, and if that makes it no longer want more, nothing happens
        double all = ready.Sum() / Current / scaling.Hpa.Target;
        return all < 1 || Math.Abs(all - 1) <= 0.1 ? Current : (int)Math.Ceiling(all * Current);
    }
}
