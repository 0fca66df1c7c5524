using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// A question to the planner: which fleet serves a scenario's workload within its SLO at the least cost. The
/// constructor's parameters are the file's keys.
/// </summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Name">Names the results.</param>
/// <param name="Scenario">The workload and its SLO; its one pool is what is planned.</param>
/// <param name="Candidates">What that pool may be.</param>
/// <param name="Prices">What an hour of a GPU costs, by the GPU's name among the candidates.</param>
/// <param name="PricesFrom">Where the prices come from, and their currency: shown with the results.</param>
/// <param name="Goal">How much of the traffic has to be within the SLO, how surely.</param>
/// <param name="Budget">What may not be exceeded.</param>
/// <param name="Set">Laid over the scenario: values by path.</param>
/// <param name="Load">What the arrivals per second of the scenario are multiplied by.</param>
/// <param name="Replications">Simulations of each fleet, with seed, seed + 1, ...</param>
/// <param name="Fleets">How many of the cheapest fleets are wanted, each of another candidate.</param>
/// <param name="Seed">The seed of all draws; the scenario's by default.</param>
public sealed record Plan(
    [property: AllowedValues(Plan.CurrentSchema)] int Schema,
    string Name,
    FilePath Scenario,
    CandidatesSection Candidates,
    IReadOnlyDictionary<string, double> Prices,
    string PricesFrom,
    [property: DefaultValue("{}")] GoalSection Goal,
    [property: DefaultValue("{}")] BudgetSection Budget,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, string> Set,
    double Load = 1,
    int Replications = 5,
    int Fleets = 3,
    long? Seed = null) : IValidated
{
    private const int CurrentSchema = 1;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != CurrentSchema)
        {
            yield return (nameof(Schema), $"found {Schema}, expected {CurrentSchema}");
        }

        if (Names.FolderProblem(Name) is { } problem)
        {
            yield return (nameof(Name), problem);
        }

        foreach ((string gpu, double price) in Prices.Where(p => !(p.Value is > 0 and < 1e9)))
        {
            yield return (nameof(Prices), $"found {price} for {gpu}, expected more than 0");
        }

        foreach (string gpu in Candidates.Gpus.Where(gpu => !Prices.ContainsKey(gpu)))
        {
            yield return (nameof(Prices), $"found no price of {gpu}, which is a candidate; expected one per GPU hour");
        }

        if (!(Load is > 0 and < 1e9))
        {
            yield return (nameof(Load), $"found {Load}, expected more than 0");
        }

        if (Replications is < 2 or > ReplicationsSection.MostRuns)
        {
            yield return (
                nameof(Replications),
                $"found {Replications}, expected 2 to {ReplicationsSection.MostRuns}: one run has no interval");
        }

        if (Fleets < 1)
        {
            yield return (nameof(Fleets), $"found {Fleets}, expected at least 1");
        }
    }
}

/// <summary>Every combination of these is a candidate.</summary>
/// <param name="Gpus">GPUs: names in <c>configs/gpus</c>.</param>
/// <param name="Replicas">How many replicas there may be.</param>
/// <param name="Tp">Tensor-parallel degrees.</param>
/// <param name="Knobs">Values of any scenario settings, by path: those of the pool's engine, the router, ...</param>
public sealed record CandidatesSection(
    [property: MinLength(1)] IReadOnlyList<string> Gpus,
    ReplicaRange Replicas,
    [property: DefaultValue("[1]")] IReadOnlyList<int> Tp,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, IReadOnlyList<string>> Knobs) : IValidated
{
    private const int MostCandidates = 10_000;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Gpus.Count == 0)
        {
            yield return (nameof(Gpus), "found none, expected at least one candidate");
        }

        foreach (string gpu in Twice(Gpus))
        {
            yield return (nameof(Gpus), $"found '{gpu}' twice, expected it once");
        }

        foreach (int tp in Twice(Tp))
        {
            yield return (nameof(Tp), $"found {tp} twice, expected it once");
        }

        foreach ((string path, IReadOnlyList<string> values) in Knobs)
        {
            foreach (string value in Twice(values))
            {
                yield return (nameof(Knobs), $"found {path}: {value} twice, expected it once");
            }
        }

        if (Tp.Count == 0 || Tp.Any(tp => tp < 1))
        {
            yield return (nameof(Tp), $"found [{string.Join(", ", Tp)}], expected degrees of at least 1");
        }

        foreach (string path in Knobs.Keys.Where(p => !p.StartsWith("cluster.", StringComparison.Ordinal)))
        {
            yield return (nameof(Knobs), $"found {path}, expected paths below cluster: a load is not to be chosen");
        }

        foreach (string path in Knobs.Keys.Where(DecidesCost))
        {
            yield return (
                nameof(Knobs),
                $"found {path}, expected other settings: what a fleet costs is told by gpus, tp and replicas");
        }

        foreach (string path in Knobs.Where(k => k.Value.Count == 0).Select(k => k.Key))
        {
            yield return (nameof(Knobs), $"found no value of {path}, expected at least one");
        }

        double count = Knobs.Values.Aggregate((double)Gpus.Count * Tp.Count, (n, values) => n * values.Count);
        if (count > MostCandidates)
        {
            yield return (nameof(Knobs), $"found {count:N0} candidates, expected at most {MostCandidates:N0}");
        }
    }

    private static IEnumerable<T> Twice<T>(IEnumerable<T> values)
        where T : notnull => values.CountBy(v => v).Where(v => v.Value > 1).Select(v => v.Key);

    // cluster, cluster.pools and a whole pool hold them too
    private static bool DecidesCost(string path) =>
        path.Split('.') is ["cluster"] or ["cluster", "pools"] or ["cluster", "pools", _]
            or ["cluster", "pools", _, "gpu" or "parallelism" or "replicas", ..];
}

/// <summary>From how many replicas to how many.</summary>
/// <param name="To">The most.</param>
/// <param name="From">The fewest.</param>
public sealed record ReplicaRange(int To, int From = 1) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (From < 1)
        {
            yield return (nameof(From), $"found {From}, expected at least 1");
        }

        if (To < From || To > ClusterSection.MostReplicas)
        {
            yield return (nameof(To), $"found {To}, expected {From} to {ClusterSection.MostReplicas}");
        }
    }
}

/// <summary>What a fleet has to reach.</summary>
/// <param name="ByLabel">Shares that requests with a label's value have to reach besides.</param>
/// <param name="Attainment">The share of all requests that has to be within the SLO.</param>
/// <param name="Confidence">Of the one-sided interval over the replications whose lower end has to reach it.</param>
public sealed record GoalSection(
    [property: DefaultValue("[]")] IReadOnlyList<LabelGoal> ByLabel, double Attainment = 0.99, double Confidence = 0.95)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach (double share in ByLabel.Select(l => l.Attainment).Prepend(Attainment).Where(a => !(a is > 0 and <= 1)))
        {
            yield return (nameof(Attainment), $"found {share}, expected a share above 0 and at most 1");
        }

        if (!(Confidence is > 0.5 and < 1))
        {
            yield return (nameof(Confidence), $"found {Confidence}, expected a number between 0.5 and 1");
        }
    }
}

/// <summary>What the requests with a label's value have to reach.</summary>
/// <param name="Label">The label's name, as in "service".</param>
/// <param name="Value">The value it must have.</param>
/// <param name="Attainment">The share of them that has to be within their SLO.</param>
public sealed record LabelGoal(string Label, string Value, double Attainment);

/// <summary>What may not be exceeded.</summary>
/// <param name="Gpus">GPUs of the whole fleet; any number without it.</param>
/// <param name="CostPerHour">Its cost per hour; any without it.</param>
public sealed record BudgetSection(int? Gpus = null, double? CostPerHour = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Gpus < 1)
        {
            yield return (nameof(Gpus), $"found {Gpus}, expected at least 1");
        }

        if (CostPerHour <= 0)
        {
            yield return (nameof(CostPerHour), $"found {CostPerHour}, expected more than 0");
        }
    }
}
