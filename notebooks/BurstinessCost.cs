#!/usr/bin/env -S dotnet run
#:project ../src/ServingSim.Experiments/ServingSim.Experiments.csproj
#:property PublishAot=false

// What bursts cost, with the simulator as a library: the quick start's conversations at one rate, their gaps from
// smooth to bursty, and the tail of the time to the first token.
//   dotnet run notebooks/BurstinessCost.cs [requests/s, 15 by default]

using System.Globalization;
using ServingSim.Experiments;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

string rate = args.Length > 0 ? args[0] : "15";
string scenario = Path.Combine(Catalog.Default.ConfigFolders[0], "scenarios", "quickstart.yaml");
double[] shapes = [4, 1, 0.5, 0.25, 0.1];

// Whole simulations side by side: each is alone with its own clock and draws
var runs = new ParallelRuns(Environment.ProcessorCount, CancellationToken.None);
try
{
    IReadOnlyList<RunResult> results = runs.Map(shapes.Length, i => ScenarioRunner.Run(
        LoadedScenario.Read(
            scenario,
            [
                $"workload.arrivals.rate_per_s={rate}",
                FormattableString.Invariant($"workload.arrivals.shape={shapes[i]}"), "duration=5m",
                "cluster.pools.main.replicas=1",
            ],
            Catalog.Default),
        new RunOptions(Folder: null)));
    Console.WriteLine($"one H100, Llama 3.1 8B, {rate} requests/s for 5 minutes");
    Console.WriteLine("shape  variation  p99 TTFT (ms)  in SLO");
    foreach ((double shape, RunResult result) in shapes.Zip(results))
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{shape,5}  {1 / Math.Sqrt(shape),9:0.00}  {result.Summary.Overall.Ttft?.P99Ms,13:0}"
            + $"  {100 * result.Summary.Overall.Attainment,5:0.0} %"));
    }
}
catch (ScenarioException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

return 0;
