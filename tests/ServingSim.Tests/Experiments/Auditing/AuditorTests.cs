using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Experiments.Auditing;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Auditing;

/// <summary>Each law is broken on purpose by somebody who stands between the cluster and the auditor.</summary>
public sealed class AuditorTests
{
    [Fact]
    public void A_true_report_passes() => Run(new Liar());

    [Fact]
    public void A_request_that_ends_twice_is_noticed() => Refuted("ended twice", new Liar { EndsTwice = true });

    [Fact]
    public void A_request_whose_end_is_not_told_is_noticed() => Refuted("are open", new Liar { HidesEnds = true });

    [Fact]
    public void A_gap_that_is_not_told_is_noticed() => Refuted("gaps were told", new Liar { HidesGaps = true });

    [Fact]
    public void A_finish_that_is_not_told_breaks_the_count_of_gaps_or_littles_law() =>
        Refuted("", new Liar { HidesFinishes = true });

    [Fact]
    public void A_step_that_is_not_told_looks_like_idling_with_work() =>
        Refuted("idled", new Liar { HidesSteps = true });

    private static void Refuted(string law, Liar liar) =>
        Assert.Contains(law, Assert.Throws<InvariantException>(() => Run(liar)).Message);

    private static void Run(Liar liar)
    {
        Simulation simulation = new();
        Auditor auditor = new(simulation, new Nobody());
        liar.Auditor = auditor;
        PoolSpec pool = new("main", PoolRole.Mixed, 1, () => A.Parts(A.Config(), new AffineLatency(7)));
        ServingCluster cluster = new(
            simulation, new ClusterSpec([pool], () => new RoundRobinRouter()), (_, _) => default, liar);
        SimEvent arrival = new(simulation.AddSource("workload"), Phase.Arrival, () =>
        {
            for (int i = 0; i < 3; i++)
            {
                cluster.Submit(new ClientRequest(
                    i, simulation.Now, PromptContent.OwnOf(i, 20), OutputLength.Of(4), Labels.None));
            }
        });
        simulation.Schedule(arrival, new SimTime(5));
        while (simulation.Step())
        {
        }

        auditor.Complete(cluster);
    }

    private sealed class Nobody : IClusterObserver
    {
        public void Ended(EndedRequest ended)
        {
        }
    }

    private sealed class Liar : IClusterObserver
    {
        private int _steps;

        public IClusterObserver Auditor { get; set; } = new Nobody();

        public bool EndsTwice { get; init; }

        public bool HidesEnds { get; init; }

        public bool HidesGaps { get; init; }

        public bool HidesFinishes { get; init; }

        public bool HidesSteps { get; init; }

        public void StepScheduled(Replica replica, StepPlan plan)
        {
            _steps++;
            if (!HidesSteps || _steps != 2)
            {
                Auditor.StepScheduled(replica, plan);
            }
        }

        public void StepEnded(Replica replica, StepPlan plan)
        {
            if (!HidesSteps || _steps != 2)
            {
                Auditor.StepEnded(replica, plan);
            }
        }

        public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps)
        {
            if (!HidesGaps)
            {
                Auditor.TokenGaps(itlClass, count, steps);
            }
        }

        public void Finished(Replica replica, Request request)
        {
            if (!HidesFinishes)
            {
                Auditor.Finished(replica, request);
            }
        }

        public void Ended(EndedRequest ended)
        {
            for (int i = HidesEnds ? 1 : EndsTwice ? -1 : 0; i < 1; i++)
            {
                Auditor.Ended(ended);
            }
        }
    }
}
