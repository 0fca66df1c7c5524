using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Planning;

/// <summary>The same scenario under another load, all draws that are not concerned as they were.</summary>
/// <param name="catalog">The parts that the changed options choose again.</param>
public sealed class LoadChange(Catalog catalog)
{
    /// <summary>
    /// So many times the requests per second, as bursty as before: rates are multiplied, the times of traces and of
    /// batches divided. Throws if the workload has no rate, or the changed one is out of its range.
    /// </summary>
    public LoadedScenario Times(LoadedScenario scenario, double factor) => factor == 1
        ? scenario
        : WithWorkload(scenario, (section, fail) => Times(section, factor, fail));

    /// <summary>Twice the variance of the gaps between arrivals; throws if these come from a trace.</summary>
    public LoadedScenario Burstier(LoadedScenario scenario) =>
        WithWorkload(scenario, (section, fail) => Mapped(section, part => part.Arrivals is null
            ? throw fail($"the source '{part.Source.Name}' has no arrivals whose bursts could be stronger")
            : part with { Arrivals = Chosen(Options(part, fail).Burstier(), part.Arrivals.Name, fail) }));

    /// <summary>Outputs so many times as long; throws if they come from a trace.</summary>
    public LoadedScenario LongerOutputs(LoadedScenario scenario, double factor) =>
        WithWorkload(scenario, (section, fail) => Mapped(section, part => part switch
        {
            { Lengths: { } lengths } => part with
            {
                Lengths = new(lengths.Name, lengths.Options, s => new StretchedOutputs(lengths.Create(s), factor)),
            },
            { OutputTokens: { } outputs } => part with
            {
                OutputTokens = new(outputs.Name, outputs.Options, s => new StretchedLengths(outputs.Create(s), factor)),
            },
            _ => throw fail($"the source '{part.Source.Name}' has no output lengths that could be longer"),
        }));

    private WorkloadSection Times(WorkloadSection section, double factor, Func<string, Exception> fail) =>
        Mapped(section, part => part switch
        {
            { Arrivals: { } arrivals } => part with
            {
                Arrivals = Chosen(Options(part, fail).Times(factor), arrivals.Name, fail),
            },
            { Source.Options: ITraceOptions trace } => part with
            {
                Source = catalog.Workloads.Choose(part.Source.Name, Checked(trace.Times(factor), fail)),
            },
            _ => throw fail($"the source '{part.Source.Name}' has no arrival rate that could be changed"),
        });

    /// <summary>A workload whose parts, or which itself, are changed.</summary>
    private WorkloadSection Mapped(WorkloadSection section, Func<WorkloadSection, WorkloadSection> change) =>
        section.Source.Options is MixOptions mix
            ? section with
            {
                Source = catalog.Workloads.Choose(
                    section.Source.Name, mix with { Parts = [.. mix.Parts.Select(p => Mapped(p, change))] }),
            }
            : change(section);

    private static IArrivalOptions Options(WorkloadSection part, Func<string, Exception> fail) =>
        part.Arrivals!.Options as IArrivalOptions
        ?? throw fail($"the arrival process '{part.Arrivals.Name}' cannot be changed: its options do not say how");

    /// <summary>The process that takes these options, of several the one named.</summary>
    private PartChoice<IArrivals, RandomStreams> Chosen(
        IArrivalOptions options, string name, Func<string, Exception> fail)
    {
        Checked(options, fail);
        string[] takers =
        [
            .. catalog.Arrivals.Parts.Where(p => p.OptionsType == options.GetType()).Select(p => p.Name),
        ];
        return catalog.Arrivals.Choose(takers.Contains(name) ? name : takers[0], options);
    }

    private static T Checked<T>(T options, Func<string, Exception> fail)
    {
        string[] problems = [.. ((options as IValidated)?.Problems() ?? []).Select(p => p.Problem)];
        return problems.Length == 0 ? options : throw fail($"the changed load is out of range: {problems[0]}");
    }

    private static LoadedScenario WithWorkload(
        LoadedScenario scenario, Func<WorkloadSection, Func<string, Exception>, WorkloadSection> change)
    {
        WorkloadSection workload = change(
            scenario.Scenario.Workload, problem => scenario.Error("workload", problem));
        return scenario.With(s => s with { Workload = workload });
    }

    private sealed class StretchedOutputs(IJointLengths lengths, double factor) : IJointLengths
    {
        public RequestLengths Draw(ref Draws prompt, ref Draws output)
        {
            RequestLengths drawn = lengths.Draw(ref prompt, ref output);
            return drawn with { OutputTokens = Stretched(drawn.OutputTokens, factor) };
        }
    }

    private sealed class StretchedLengths(ILengths lengths, double factor) : ILengths
    {
        public int Draw(ref Draws draws) => Stretched(lengths.Draw(ref draws), factor);
    }

    private static int Stretched(int tokens, double factor) => (int)Math.Min(Math.Round(tokens * factor), int.MaxValue);
}
