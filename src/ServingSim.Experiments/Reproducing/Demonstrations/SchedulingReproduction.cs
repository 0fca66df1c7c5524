using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing.BurstGpt;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Options of <c>scheduling</c>.</summary>
/// <param name="Scenario">The replica.</param>
/// <param name="ConversationRatePerS">The mean rate that stretches of conversations are brought to.</param>
/// <param name="ApiRatePerS">That of stretches of API traffic.</param>
/// <param name="Requests">Requests of a run.</param>
/// <param name="Replications">Runs of each case, or as many as the trace has stretches for.</param>
public sealed record SchedulingOptions(
    FilePath Scenario, double ConversationRatePerS = 2, double ApiRatePerS = 8, int Requests = 2000,
    int Replications = 16) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string name, double rate) in new[]
        {
            (nameof(ConversationRatePerS), ConversationRatePerS), (nameof(ApiRatePerS), ApiRatePerS),
        })
        {
            if (!(rate is > 0 and <= 1e6))
            {
                yield return (name, $"found {rate}, expected more than 0 and at most 1e6");
            }
        }

        foreach ((string name, int count) in new[]
        {
            (nameof(Requests), Requests), (nameof(Replications), Replications),
        })
        {
            if (count < 2)
            {
                yield return (name, $"found {count}, expected at least 2");
            }
        }
    }
}

/// <summary>The paper's demonstration of scheduling: one policy does not help all services alike.</summary>
internal sealed class SchedulingReproduction(SchedulingOptions options) : IReproduction
{
    private const string Conversation = "conversation";
    private const string Api = "API";
    private const double Confidence = 0.95;

    private static readonly string[] Shown =
        ["mean TTFT", "p99 TTFT", "mean end-to-end latency", "p99 end-to-end latency"];

    private static readonly string[] Names = [Conversation, Api];

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        TraceColumns trace = context.FirstData.Columns;
        ScheduledService[] services =
        [
            .. new[]
            {
                (Conversation, Services.Conversation, options.ConversationRatePerS),
                (Api, Services.Api, options.ApiRatePerS),
            }
            .Select(s => new ScheduledService(
                s.Item1, Stretches.Successes(trace.Select(s.Item1, t => t.LogType == s.Item2)), s.Item3)),
        ];
        if (services.FirstOrDefault(s => s.Rows.Count < 2 * options.Requests) is { } tooFew)
        {
            return ReproducedFigure.Without(
                $"There are {tooFew.Rows.Count} rows of {tooFew.Name} traffic; two stretches of {options.Requests} are "
                + "the fewest.");
        }

        SchedulingDemo demo = SchedulingDemo.Run(
            services, settings => context.Read(options.Scenario, settings),
            options.Requests, options.Replications, context.Runs);
        PairedFigures figures = demo.Figures;
        return new ReproducedFigure(
            [Picture(figures)], [Table(figures)],
            [
                .. from policy in SchedulingDemo.Policies.Skip(1)
                   from figure in SchedulingDemo.Latencies
                   from service in Names
                   let log = figures.LogRatio(figure, [service, policy], [service, SchedulingDemo.Fcfs])
                   select new OurNumber(
                       $"{policy}, {service}: {figure} over fcfs", Exp(log?.Mean), Exp(log?.Low), Exp(log?.High)),
            ],
            Judge(figures),
            [
                "Shortest and longest are by the length of the prompt, which a server knows. Each run replays a "
                + "stretch of consecutive rows of its service, with its lengths, under all three policies. "
                + Cells.Number(options.ConversationRatePerS, 1) + " conversation requests/s and "
                + Cells.Number(options.ApiRatePerS, 1) + " API requests/s are the mean rates; bursts make both queue.",
                "These rates are ours, not the paper's, and not the same for the two services: how much a policy does "
                + "depends on the load too, so that a difference between services is one at these rates.",
            ]);
    }

    internal static Verdict Judge(PairedFigures figures)
    {
        List<string> found = [];
        bool differs = false;
        foreach (string policy in SchedulingDemo.Policies.Skip(1))
        {
            string[] beyond =
            [
                .. SchedulingDemo.Latencies.Where(f => Interaction(figures, policy, f)?.IsBeyondNoise == true),
            ];
            differs |= beyond.Length > 0;
            string effects = string.Join(", ", Names.Select(service =>
                $"{service} {Cells.Factor(figures.LogRatio(
                    "mean_e2el_ms", [service, policy], [service, SchedulingDemo.Fcfs]))}"));
            found.Add(
                $"{policy}: mean end-to-end latency {effects}; "
                + (beyond.Length == 0 ? "no latency tells the services apart"
                    : $"{string.Join(", ", beyond)} change by another factor in one service than in the other"));
        }

        return new Verdict(
            differs ? VerdictKind.Reproduced : VerdictKind.Differs,
            $"A policy's effect {(differs ? "depends" : "does not depend")} on the service beyond noise (95 % of all "
            + "comparisons together). "
            + string.Join(". ", found) + ".");
    }

    private static double? Exp(double? log) => log is { } value ? Math.Exp(value) : null;

    /// <summary>
    /// The factor that a policy has on API traffic over that on conversations, as its logarithm. Any of all policies'
    /// and latencies' would do for the verdict, so that their intervals hold together (Bonferroni).
    /// </summary>
    private static Estimate? Interaction(PairedFigures figures, string policy, string figure)
    {
        IEnumerable<double?> Logs(string service) => figures.Values(figure, service, policy)
            .Zip(figures.Values(figure, service, SchedulingDemo.Fcfs), (a, b) => Math.Log(a!.Value / b!.Value))
            .Select(l => (double?)l);
        int looks = (SchedulingDemo.Policies.Count - 1) * SchedulingDemo.Latencies.Count;
        return Estimate.Of(
            Logs(Api).Zip(Logs(Conversation), (a, c) => a - c), 1 - ((1 - Confidence) / looks));
    }

    private static PackTable Table(PairedFigures figures) => new(
        "demo-scheduling", "Mean over runs ± half of the 95 % interval; factors against fcfs, run by run",
        [
            "service", "policy", .. Shown.Select(l => $"{l} (s)"), "within SLO (%)", "KV in use (%)",
            .. Shown.Select(l => $"{l} over fcfs"),
        ],
        [
            .. figures.Cases.Select(of => (IReadOnlyList<string>)
            [
                .. of, .. SchedulingDemo.Latencies.Select(l => Cells.Interval(figures.Of(l, of), 1e-3)),
                Cells.Interval(figures.Of("attainment", of), 100),
                Cells.Interval(figures.Of("kv_cache_usage_mean", of), 100),
                .. SchedulingDemo.Latencies.Select(l => of[1] == SchedulingDemo.Fcfs ? ""
                    : Cells.Factor(figures.LogRatio(l, of, [of[0], SchedulingDemo.Fcfs]))),
            ]),
        ]);

    private static Picture Picture(PairedFigures figures) => new(
        "demo-scheduling-factors",
        "Latency under each policy over that under first come, first served (95 % intervals)",
        [
            .. SchedulingDemo.Latencies.Select((latency, l) => new Panel(
                Shown[l], new PlotAxis("service", -0.6, Names.Length - 0.2, Names: Names),
                new PlotAxis("factor (1 = fcfs)", 0.25, 8, IsLog: true),
                [
                    new PlotSeries(
                        l == 0 ? "fcfs" : "", SeriesKind.Line, [new(-0.6, 1), new(Names.Length - 0.2, 1)], 0),
                    .. SchedulingDemo.Policies.Skip(1).Select((policy, p) => new PlotSeries(
                        l == 0 ? policy : "", SeriesKind.Points,
                        [
                            .. Names.Select((service, i) =>
                            {
                                Estimate? log = figures.LogRatio(
                                    latency, [service, policy], [service, SchedulingDemo.Fcfs]);
                                return new PlotPoint(
                                    i + (0.2 * (p - 0.5)), Exp(log?.Mean) ?? double.NaN, Exp(log?.Low), Exp(log?.High));
                            }),
                        ],
                        p + 1)),
                ])),
        ],
        Columns: 2);
}
