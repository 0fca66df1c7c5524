using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments;

/// <summary>
/// Queueing theory where it is exact for this simulator. A replica that runs one request at a time, prompts of one step
/// and outputs of one token, is a single server, first come, first served, that never rests while somebody waits.
/// A router commits each request on arrival, so replicas behind it are never M/M/c, which bounds them from below; nor
/// is one replica with several sequences, whose requests share steps.
/// </summary>
public sealed class QueueingTests
{
    private const int Requests = 100_000;

    /// <summary>Mean of the exponential of which prompts are the ceiling: they are geometric, 1 ms a token.</summary>
    private const double MeanPrompt = 1_000;

    /// <summary>Chance of a geometric prompt to end with any token.</summary>
    private static readonly double EndChance = 1 - Math.Exp(-1 / MeanPrompt);

    private static readonly double MeanServiceS = 1e-3 / EndChance;

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.8)]
    public void Constant_service_is_M_D_1(double load)
    {
        ConstantLatency latency = new(new ConstantLatencyOptions(1_000));
        QueueRun run = QueueRun.Of(Requests, load, _ => (1, 1), () => OneAtATime(latency));
        BatchMeans.Of(run.Waits).AssertEquals(load / (2 * (1 - load)));
        BatchMeans.Of([.. run.Waits.Select(Waited)]).AssertEquals(load);
    }

    /// <summary>Pollaczek and Khinchine, with the second moment of geometric lengths: 0.05 % below M/M/1.</summary>
    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.8)]
    public void Exponential_service_is_M_M_1(double load)
    {
        double rate = load / MeanServiceS;
        QueueRun run = QueueRun.Of(Requests, rate, GeometricPrompt, Exponential);
        double secondMoment = (2 - EndChance) * MeanServiceS * MeanServiceS;
        BatchMeans.Of(run.Waits).AssertEquals(rate * secondMoment / (2 * (1 - load)), 0.2);
        BatchMeans.Of([.. run.Waits.Select(Waited)]).AssertEquals(load);
    }

    /// <summary>
    /// Every c-th Poisson arrival: Erlang gaps of shape c. In GI/M/1 an arrival waits with the chance σ that solves
    /// σ = A*(μ(1 − σ)), A* being the transform of the gaps, and for σ / (μ(1 − σ)) in the mean.
    /// </summary>
    [Theory]
    [InlineData(2, 0.8)]
    [InlineData(4, 0.7)]
    public void Round_robin_gives_each_replica_Erlang_arrivals(int replicas, double load)
    {
        QueueRun run = QueueRun.Of(
            Requests, replicas * load / MeanServiceS, GeometricPrompt, Exponential, replicas, new RoundRobinRouter());
        double waiting = ChanceToWaitOfErlangGaps(replicas, load);
        BatchMeans.Of([.. run.Waits.Select(Waited)]).AssertEquals(waiting);
        BatchMeans.Of(run.Waits).AssertEquals(MeanServiceS * waiting / (1 - waiting), 0.2);
    }

    /// <summary>
    /// The same requests wait less if they stand in one queue for all servers (M/M/c), and more if they take turns.
    /// </summary>
    [Theory]
    [InlineData(2, 0.8)]
    [InlineData(4, 0.8)]
    public void Least_outstanding_waits_between_one_queue_and_round_robin(int replicas, double load)
    {
        double rate = replicas * load / MeanServiceS;
        QueueRun run = QueueRun.Of(
            Requests, rate, GeometricPrompt, Exponential, replicas, new LeastOutstandingRouter());
        QueueRun inTurn = QueueRun.Of(
            Requests, rate, GeometricPrompt, Exponential, replicas, new RoundRobinRouter());
        double[] oneQueue = WaitsInOneQueue(run, replicas);
        BatchMeans.Of(oneQueue).AssertEquals(MeanServiceS * ErlangC(replicas, load) / (replicas * (1 - load)), 0.25);
        BatchMeans.Of([.. run.Waits.Zip(oneQueue, (wait, least) => wait - least)]).AssertPositive();
        BatchMeans.Of([.. inTurn.Waits.Zip(run.Waits, (most, wait) => most - wait)]).AssertPositive();
    }

    /// <summary>
    /// Steps of constant time without limits, never idle: a request joins at the step boundary after its arrival and
    /// runs as many steps as it has outputs. So those running are the arrivals of past steps, thinned independently:
    /// Poisson, mean and variance λ·E[S], as in M/G/∞; and a stay has half a step before it.
    /// </summary>
    [Fact]
    public void Decoding_without_limits_is_M_G_infinity()
    {
        const double ArrivalsPerStep = 4;
        const int LongestOutput = 19;
        RandomStream lengths = new RandomStreams(1).Stream("lengths");
        ConstantLatency latency = new(new ConstantLatencyOptions(1_000));
        QueueRun run = QueueRun.Of(
            Requests,
            ArrivalsPerStep,
            id => (1, 1 + lengths.At(id).NextIndex(LongestOutput)),
            () => A.Parts(A.Config(caching: false), latency));
        double meanSteps = (1 + LongestOutput) / 2.0;
        double mean = ArrivalsPerStep * meanSteps;

        // Behind the last arrival the replica empties
        List<double> running = [.. run.Running.SkipLast(LongestOutput)];
        BatchMeans.Of(running).AssertEquals(mean, 0.02);
        BatchMeans.Of([.. running.Select(n => (n - mean) * (n - mean))]).AssertEquals(mean);
        BatchMeans.Of(run.Stays).AssertEquals(meanSteps + 0.5, 0.02);
    }

    private static double Waited(double wait) => wait > 0 ? 1 : 0;

    private static (int Prompt, int Output) GeometricPrompt(long id)
    {
        Draws draws = new RandomStreams(1).Stream("lengths").At(id);
        return ((int)Math.Ceiling(MeanPrompt * draws.NextExponential()), 1);
    }

    private static ReplicaParts Exponential() => OneAtATime(new LinearLatency(
        new LinearLatencyOptions(new LinearPrefill(0, 1), [new LinearDecode(0, 0, 0)])));

    /// <summary>One request at a time, in one step: no prompt is too long for it.</summary>
    private static ReplicaParts OneAtATime(ILatencyModel latency) => A.Parts(
        A.Config(5_000, maxNumBatchedTokens: 80_000, maxNumSeqs: 1, caching: false), latency);

    /// <summary>Kiefer and Wolfowitz: each request of a run takes the server that is free first.</summary>
    private static double[] WaitsInOneQueue(QueueRun run, int servers)
    {
        double[] waits = new double[run.Waits.Length];
        double[] free = new double[servers];
        for (int i = 0; i < waits.Length; i++)
        {
            double start = Math.Max(free[0], run.Arrivals[i]);
            waits[i] = start - run.Arrivals[i];
            free[0] = start + run.Stays[i] - run.Waits[i];
            Array.Sort(free);
        }

        return waits;
    }

    private static double ChanceToWaitOfErlangGaps(int shape, double load)
    {
        double chance = load;
        for (int i = 0; i < 1_000; i++)
        {
            chance = Math.Pow(shape * load / ((shape * load) + 1 - chance), shape);
        }

        return chance;
    }

    /// <summary>The chance to wait in M/M/c.</summary>
    private static double ErlangC(int servers, double load)
    {
        double blocked = 1;
        for (int n = 1; n <= servers; n++)
        {
            blocked = servers * load * blocked / (n + (servers * load * blocked));
        }

        return blocked / (1 - (load * (1 - blocked)));
    }
}
