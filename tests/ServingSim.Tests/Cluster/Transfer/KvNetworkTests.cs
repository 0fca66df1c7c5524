using System.Numerics;
using CsCheck;
using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Cluster.Transfer;

public sealed class KvNetworkTests
{
    private static readonly SimTime OneMs = SimTime.FromMilliseconds(1);

    /// <summary>1 ms of latency and 50 MB at 50 GB/s.</summary>
    [Fact]
    public void A_transfer_takes_its_latency_and_its_bytes_by_the_bandwidth()
    {
        Assert.Equal([2.0], Run([50_000_000_000, 50_000_000_000], [(0, 0, 1, 50_000_000)]));
    }

    [Fact]
    public void The_narrower_end_decides() =>
        Assert.Equal([3.0], Run([50_000_000_000, 25_000_000_000], [(0, 0, 1, 50_000_000)]));

    /// <summary>
    /// The second begins when half of the first is done; then both have half of the sender's bandwidth, until the first
    /// is done 1 ms later; the second has its other half then, in 0.5 ms.
    /// </summary>
    [Fact]
    public void Transfers_of_one_sender_share_its_bandwidth() =>
        Assert.Equal(
            [2.5, 3.0],
            Run(
                [50_000_000_000, 50_000_000_000, 50_000_000_000],
                [(0, 0, 1, 50_000_000), (0.5, 0, 2, 50_000_000)]));

    /// <summary>
    /// Three share port 0 of 30 GB/s, so port 3 of 40 GB/s has 30 left for its other transfer (max-min), not 20.
    /// </summary>
    [Fact]
    public void What_one_cannot_use_others_get()
    {
        long gb = 1_000_000_000;
        List<double> ends = Run(
            [30 * gb, 100 * gb, 100 * gb, 40 * gb, 100 * gb],
            [(0, 0, 1, 10_000_000), (0, 0, 2, 10_000_000), (0, 0, 3, 10_000_000), (0, 4, 3, 30_000_000)]);
        Assert.Equal([2.0, 2.0, 2.0, 2.0], ends);
    }

    [Fact]
    public void A_port_that_is_cut_moves_nothing_until_it_works_again()
    {
        Simulation simulation = new();
        KvNetwork network = new(simulation, OneMs);
        (KvPort from, KvPort to) = (network.AddPort(1_000_000_000), network.AddPort(1_000_000_000));
        SimTime? end = null;
        network.Send(from, to, 2_000_000, () => end = simulation.Now);
        simulation.RunUntil(SimTime.FromMilliseconds(2));
        network.SetCapacity(to, 0);
        simulation.RunUntil(SimTime.FromMilliseconds(10));
        Assert.Null(end);
        network.SetCapacity(to, 500_000_000);
        simulation.RunUntil(SimTime.FromMilliseconds(20));
        Assert.Equal(SimTime.FromMilliseconds(12), end);
    }

    [Fact]
    public void A_cancelled_transfer_leaves_its_bandwidth_to_others()
    {
        Simulation simulation = new();
        KvNetwork network = new(simulation, OneMs);
        KvPort[] ports = [.. Enumerable.Range(0, 3).Select(_ => network.AddPort(1_000_000_000))];
        SimTime? end = null;
        network.Send(ports[0], ports[1], 2_000_000, () => end = simulation.Now);
        KvTransfer other = network.Send(ports[0], ports[2], 50_000_000, () => Assert.Fail("it was cancelled"));
        simulation.RunUntil(SimTime.FromMilliseconds(3));
        network.Cancel(other);
        simulation.RunUntil(SimTime.FromMilliseconds(20));
        Assert.Equal(SimTime.FromMilliseconds(4), end);
    }

    [Fact]
    public void Random_transfers_end_when_a_literal_network_says() =>
        Gen.Select(
            Gen.Int[1, 20].Array[2, 6],
            Gen.Select(Gen.Int[0, 60], Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[1, 400]).Array[1, 12],
            Gen.Select(Gen.Int[0, 60], Gen.Int[0, 5], Gen.Int[0, 20]).Array[0, 3]).Sample(
            (ports, sends, changes) => Assert.Equal(Literal(ports, sends, changes), Real(ports, sends, changes)),
            iter: OracleComparisonTests.Iterations(1_000));

    /// <summary>From tick to tick: at each all rates are worked out anew, and every transfer moves on by one.</summary>
    private static List<long?> Literal(
        int[] capacities, (int At, int From, int To, int Bytes)[] sends, (int At, int Port, int Capacity)[] changes)
    {
        long[] ports = [.. capacities.Select(BytesPerS)];
        List<long?> ends = [.. sends.Select(_ => (long?)null)];
        BigInteger[] left = [.. sends.Select(s => (BigInteger)s.Bytes * SimTime.TicksPerSecond)];
        for (int tick = 0; tick < 20_000; tick++)
        {
            foreach ((int at, int port, int capacity) in changes.Where(c => c.At == tick))
            {
                ports[port % ports.Length] = BytesPerS(capacity);
            }

            // One tick of latency, and a send begins
            List<int> flowing = [.. Enumerable.Range(0, sends.Length).Where(
                i => sends[i].At + 1 <= tick && left[i] > 0 && IsPossible(capacities, sends[i]))];
            long[] rates = Rates(ports, sends, flowing);
            foreach (int i in flowing)
            {
                left[i] -= rates[i];
                ends[i] = left[i] <= 0 ? tick + 1 : null;
            }
        }

        return ends;
    }

    /// <summary>A capacity in bytes a tick, and a little so that shares are no whole numbers; 0 is a cut.</summary>
    private static long BytesPerS(int capacity) =>
        capacity == 0 ? 0 : (capacity * SimTime.TicksPerSecond) + capacity;

    private static bool IsPossible(int[] ports, (int At, int From, int To, int Bytes) send) =>
        send.From % ports.Length != send.To % ports.Length;

    private static long[] Rates(long[] ports, (int At, int From, int To, int Bytes)[] sends, List<int> flowing)
    {
        long[] rates = new long[sends.Length];
        long[] left = [.. ports];
        List<int> open = [.. flowing];
        while (open.Count > 0)
        {
            List<int> users(int port) => open.FindAll(
                i => sends[i].From % ports.Length == port || sends[i].To % ports.Length == port);
            int narrowest = Enumerable.Range(0, ports.Length)
                .Where(port => users(port).Count > 0)
                .MinBy(port => left[port] / users(port).Count);
            List<int> sharing = users(narrowest);
            long share = left[narrowest] / sharing.Count;
            foreach (int i in sharing)
            {
                rates[i] = share;
                left[sends[i].From % ports.Length] -= share;
                left[sends[i].To % ports.Length] -= share;
                open.Remove(i);
            }
        }

        return rates;
    }

    private static List<long?> Real(
        int[] capacities, (int At, int From, int To, int Bytes)[] sends, (int At, int Port, int Capacity)[] changes)
    {
        Simulation simulation = new();
        KvNetwork network = new(simulation, SimTime.OneTick);
        KvPort[] ports = [.. capacities.Select(c => network.AddPort(BytesPerS(c)))];
        List<long?> ends = [.. sends.Select(_ => (long?)null)];
        EventSource source = simulation.AddSource("test");
        for (int i = 0; i < sends.Length; i++)
        {
            (int at, int from, int to, int bytes) = sends[i];
            int index = i;
            if (IsPossible(capacities, sends[i]))
            {
                simulation.Schedule(
                    new SimEvent(source, Phase.Arrival, () => network.Send(
                        ports[from % ports.Length],
                        ports[to % ports.Length],
                        bytes,
                        () => ends[index] = simulation.Now.Ticks)),
                    new SimTime(at));
            }
        }

        foreach ((int at, int port, int capacity) in changes)
        {
            simulation.Schedule(
                new SimEvent(source, Phase.Fault, () => network.SetCapacity(
                    ports[port % ports.Length], BytesPerS(capacity))),
                new SimTime(at));
        }

        simulation.RunUntil(new SimTime(20_000));
        return ends;
    }

    /// <summary>When transfers of (start in ms, from, to, bytes) end, in ms.</summary>
    private static List<double> Run(long[] bytesPerS, (double At, int From, int To, long Bytes)[] sends)
    {
        Simulation simulation = new();
        KvNetwork network = new(simulation, OneMs);
        KvPort[] ports = [.. bytesPerS.Select(network.AddPort)];
        double[] ends = new double[sends.Length];
        EventSource source = simulation.AddSource("test");
        for (int i = 0; i < sends.Length; i++)
        {
            (double at, int from, int to, long bytes) = sends[i];
            int index = i;
            simulation.Schedule(
                new SimEvent(source, Phase.Arrival, () => network.Send(
                    ports[from], ports[to], bytes, () => ends[index] = simulation.Now.TotalSeconds * 1e3)),
                SimTime.FromMilliseconds(at));
        }

        while (simulation.Step())
        {
        }

        return [.. ends];
    }
}
