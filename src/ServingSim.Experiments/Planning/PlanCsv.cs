using CsvHelper;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Planning;

/// <summary>Writes what a plan found; numbers read back to the same bits, and are empty where undefined.</summary>
public static class PlanCsv
{
    /// <summary>
    /// Writes <c>plan.csv</c>: one row a candidate, with figures for the fleets that are reported; <c>margin</c> is the
    /// least of what is left above the goals at the lower ends. Closes the stream.
    /// </summary>
    public static void WriteCandidates(Stream stream, PlanResult result)
    {
        using CsvWriter csv = CsvFields.Open(
            stream, "candidate", "gpu", "tp", "knobs", "outcome", "reason", "replicas", "gpus", "cost_per_hour",
            "bound_replicas", "estimated_replicas", "attainment", "attainment_low", "margin", "p99_ttft_ms",
            "p99_tpot_ms",
            "cost_per_million_output_tokens", "cost_per_million_tokens", "attainment_low_one_less",
            "attainment_low_one_more", "binds", "running", "waiting", "kv_usage", "prefill_share", "headroom",
            "goodput_per_s", "on_front");
        foreach (CandidateOutcome outcome in result.Candidates)
        {
            PlannedFleet? fleet = result.Fleets.Append(result.Closest).FirstOrDefault(
                f => f?.Candidate == outcome.Candidate);
            Candidate candidate = outcome.Candidate;
            int? replicas = fleet?.Replicas ?? outcome.Replicas;
            csv.WriteField(candidate.Name);
            csv.WriteField(candidate.Gpu);
            csv.WriteField(candidate.Tp, default);
            csv.WriteField(string.Join(' ', candidate.Knobs));
            csv.WriteField(TextOf(outcome.Kind));
            csv.WriteField(outcome.Reason);
            CsvFields.Shortest(csv, replicas);
            CsvFields.Shortest(csv, replicas is { } n ? candidate.GpusOf(n) : null);
            CsvFields.Shortest(csv, replicas is { } m ? candidate.CostOf(m) : null);
            CsvFields.Shortest(csv, outcome.Bounds is { Problem: null } bounds ? bounds.Least : null);
            CsvFields.Shortest(csv, outcome.Bounds?.Estimate);
            WriteFleet(csv, fleet, result.Goals);
            csv.EndRecord();
        }
    }

    /// <summary>
    /// Writes <c>sensitivity.csv</c>: one row for each load that the cheapest fleet was tried under; closes the stream.
    /// </summary>
    public static void WriteSensitivities(Stream stream, PlanResult result)
    {
        using CsvWriter csv = CsvFields.Open(
            stream, "load", "problem", "attainment", "attainment_low", "meets", "replicas", "gpus", "cost_per_hour");
        foreach (Sensitivity sensitivity in result.Sensitivities)
        {
            Candidate candidate = result.Fleets[0].Candidate;
            csv.WriteField(sensitivity.Load);
            csv.WriteField(sensitivity.Problem ?? "");
            CsvFields.Shortest(csv, result.Goals.Of(AttainmentGoal.Overall, sensitivity.Trials)?.Mean);
            CsvFields.Shortest(csv, result.Goals.LowOf(AttainmentGoal.Overall, sensitivity.Trials));
            CsvFields.Flag(csv, sensitivity.Meets);
            CsvFields.Shortest(csv, sensitivity.Replicas);
            CsvFields.Shortest(csv, sensitivity.Replicas is { } n ? candidate.GpusOf(n) : null);
            CsvFields.Shortest(csv, sensitivity.Replicas is { } m ? candidate.CostOf(m) : null);
            csv.EndRecord();
        }
    }

    /// <summary>
    /// Writes <c>plan_band.csv</c>, the cheapest fleet with fast, predicted and slow steps; empty where none meets the
    /// goals. Closes the stream.
    /// </summary>
    public static void WriteBand(Stream stream, Banded<PlanResult> band)
    {
        using CsvWriter csv = CsvFields.Open(stream, "step_times", "candidate", "replicas", "gpus", "cost_per_hour");
        foreach ((string name, PlanResult result) in band.Runs)
        {
            PlannedFleet? best = result.Fleets.Count > 0 ? result.Fleets[0] : null;
            csv.WriteField(name);
            csv.WriteField(best?.Candidate.Name ?? "");
            CsvFields.Shortest(csv, best?.Replicas);
            CsvFields.Shortest(csv, best?.Gpus);
            CsvFields.Shortest(csv, best?.CostPerHour);
            csv.EndRecord();
        }
    }

    /// <summary>A constraint as tables and files name it.</summary>
    public static string TextOf(ConstraintKind kind) => kind switch
    {
        ConstraintKind.AdmissionCap => "max_num_seqs",
        ConstraintKind.KvCapacity => "KV cache",
        ConstraintKind.Prefill => "prefill",
        _ => "decode",
    };

    private static string TextOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Meets => "meets",
        OutcomeKind.CostsMore => "costs-more",
        OutcomeKind.Fails => "fails",
        OutcomeKind.Cannot => "cannot",
        _ => "misfit",
    };

    private static void WriteFleet(CsvWriter csv, PlannedFleet? fleet, AttainmentGoals goals)
    {
        double? Low(IReadOnlyList<Trial>? trials) =>
            trials is null ? null : goals.LowOf(AttainmentGoal.Overall, trials);
        CsvFields.Shortest(csv, fleet?.Mean(AttainmentGoal.Overall));
        CsvFields.Shortest(csv, Low(fleet?.Trials));
        CsvFields.Shortest(csv, fleet is null ? null : goals.MarginOf(fleet.Trials));
        CsvFields.Shortest(csv, fleet?.Mean("p99_ttft_ms"));
        CsvFields.Shortest(csv, fleet?.Mean("p99_tpot_ms"));
        CsvFields.Shortest(csv, fleet?.CostPerMillionOutputTokens);
        CsvFields.Shortest(csv, fleet?.CostPerMillionTokens);
        CsvFields.Shortest(csv, Low(fleet?.OneLess));
        CsvFields.Shortest(csv, Low(fleet?.OneMore));
        csv.WriteField(fleet?.Binds is { } binds ? TextOf(binds.Kind) : "");
        CsvFields.Shortest(csv, fleet?.Binds?.Running);
        CsvFields.Shortest(csv, fleet?.Binds?.Waiting);
        CsvFields.Shortest(csv, fleet?.Binds?.KvUsage);
        CsvFields.Shortest(csv, fleet?.Binds?.PrefillShare);
        CsvFields.Shortest(csv, fleet?.Headroom);
        CsvFields.Shortest(csv, fleet?.Goodput);
        CsvFields.Flag(csv, fleet?.IsOnFront);
    }
}
