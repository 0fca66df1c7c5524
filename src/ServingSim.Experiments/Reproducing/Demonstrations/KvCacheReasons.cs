namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>
/// Why bursts do not cost what the paper claims where they do not, from the figures of the runs: the cache never fills,
/// it fills under smooth arrivals too, or few of the stretches have all of the difference.
/// </summary>
/// <param name="figures">By GPU, rate and process.</param>
internal sealed class KvCacheReasons(PairedFigures figures)
{
    /// <summary>A cache that is used beyond it is taken for full.</summary>
    private const double FullUsage = 0.9;

    /// <summary>Why some claims do not hold on a GPU at a rate.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="rate">The rate, as the cases have it.</param>
    /// <param name="missed">The claims that do not hold, each with its figure; at least one.</param>
    internal string Why(string gpu, string rate, IReadOnlyList<(string Claim, string Figure)> missed)
    {
        string[] trace = [gpu, rate, KvCacheDemo.Trace];
        string[] smooth = [gpu, rate, KvCacheDemo.Poisson];
        bool[] full = Full(trace);
        bool[] fullWhenSmooth = Full(smooth);
        string where = $"{gpu} at {rate}/s: ";
        if (2 * full.Count(f => f) < full.Length)
        {
            return where + SeldomFull(trace, smooth, full);
        }

        if (2 * fullWhenSmooth.Count(f => f) >= full.Length)
        {
            return where + $"the cache fills under Poisson's arrivals too, beyond {Percent} in "
                + $"{fullWhenSmooth.Count(f => f)} of {full.Length} runs, so that smooth arrivals do not avoid what "
                + $"bursts bring: KV usage is {Usage("mean", smooth)} % on average, under BurstGPT's "
                + $"{Usage("mean", trace)} %.";
        }

        return where + $"the cache fills (beyond {Percent} in {full.Count(f => f)} of {full.Length} runs), but "
            + string.Join("; ", missed.Select(m => Uneven(m.Claim, m.Figure, trace, smooth))) + ".";
    }

    private static string Percent => $"{100 * FullUsage:0} %";

    private bool[] Full(string[] of) => [.. figures.Values("kv_cache_usage_peak", of).Select(p => p > FullUsage)];

    private string Usage(string which, string[] of) =>
        Cells.Interval(figures.Of($"kv_cache_usage_{which}", of), 100);

    /// <summary>No shortage of KV: what smooth arrivals could avoid hardly happens.</summary>
    private string SeldomFull(string[] trace, string[] smooth, bool[] full)
    {
        int count = full.Count(f => f);
        string told = $"KV usage peaks at {Usage("peak", trace)} % (Poisson: {Usage("peak", smooth)} %) and goes "
            + $"beyond {Percent} in {count} of {full.Length} runs: the cache is {(count == 0 ? "never" : "seldom")} "
            + "full, and where KV is not scarce a smoother process has little to gain.";
        double[] preempted = [.. figures.Values("preemptions", trace).Select(v => v ?? 0)];
        return count == 0 || preempted.Sum() == 0 ? told
            : told + $" The {(count == 1 ? "one run" : $"{count} runs")} in which it fills "
                + $"{(count == 1 ? "has" : "have")} {Cells.Number(preempted.Where((_, i) => full[i]).Sum(), 0)} of all "
                + $"{Cells.Number(preempted.Sum(), 0)} preemptions: too few runs to be sure of it.";
    }

    /// <summary>The runs do not agree: how many have more of it, and how much the one with most has.</summary>
    private string Uneven(string claim, string figure, string[] trace, string[] smooth)
    {
        double[] extra =
        [
            .. figures.Values(figure, trace).Zip(figures.Values(figure, smooth), (a, b) => a - b).OfType<double>(),
        ];
        int more = extra.Count(e => e > 0);
        double sum = extra.Where(e => e > 0).Sum();
        return $"{claim}: {more} of {extra.Length} runs show it"
            + (more == 0 ? "" : $", one of them with {Cells.Number(100 * extra.Max() / sum, 0)} % of the sum")
            + ": stretches differ too much for so few to tell";
    }
}
