using ServingSim.Cluster;
using ServingSim.Experiments;
using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;

namespace ServingSim.Tests.Experiments.Modelling;

/// <summary>Requests of a shipped workload, counted by hour, failed ones included.</summary>
internal static class GeneratedDays
{
    internal const int Hours = 24;

    /// <summary>Requests in each hour of a run with one seed.</summary>
    internal static int[] CountByHour(string model, long seed, int days, string? label = null)
    {
        WorkloadFile file = WorkloadFile.Read(Model(model), [], Catalog.Default);
        using IWorkload workload = WorkloadContext.Create(
            file.Workload, seed, new WorkloadLimits(SimTime.FromSeconds(86_400.0 * days)), model, givesFailures: true);
        int[] counts = new int[days * Hours];
        while (workload.NextArrival is { } at)
        {
            ClientRequest request = workload.Take();
            workload.OnFinished(request, ClientOutcome.Completed, at, 1);
            if (label is null || request.Labels["model"] == label)
            {
                counts[at.Ticks / SimTime.TicksPerSecond / 3600]++;
            }
        }

        return counts;
    }

    internal static int[] ByDay(int[] hours) => [.. hours.Chunk(Hours).Select(d => d.Sum())];

    internal static string Model(string name) =>
        Path.Combine(SharedData.Root, "configs", "workloads", name + ".yaml");

    /// <summary>A quantile that lies between two of the values.</summary>
    internal static double Quantile(IEnumerable<double> values, double probability)
    {
        double[] sorted = [.. values.Order()];
        double rank = (sorted.Length - 1) * probability;
        int low = (int)rank;
        return sorted[low] + ((sorted[Math.Min(low + 1, sorted.Length - 1)] - sorted[low]) * (rank - low));
    }

    /// <summary>The rows of a file of shared data, each by its columns.</summary>
    internal static IEnumerable<Dictionary<string, string>> Rows(string file)
    {
        string[] lines = File.ReadAllLines(SharedData.Find(file)!);
        string[] columns = lines[0].Split(',');
        return lines.Skip(1).Select(l => columns.Zip(l.Split(',')).ToDictionary(c => c.First, c => c.Second));
    }
}
