using System.Text.Json;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Writes failures in the trace beside those of the run into <c>summary.json</c>, under <c>failures</c>: only where
/// they were asked for, unlike what is undefined.
/// </summary>
internal static class FailureJson
{
    /// <summary>One object for each service.</summary>
    internal static void Write(Utf8JsonWriter json, IReadOnlyList<FailureFigures>? failures)
    {
        if (failures is null)
        {
            return;
        }

        json.WriteStartObject("failures");
        foreach (FailureFigures service in failures)
        {
            json.WriteStartObject(service.Total.Service);
            json.WriteNumber("requests", service.Total.Requests);
            json.WriteNumber("trace_failed", service.Total.TraceFailed);
            json.WriteNumber("timed_out", service.Total.TimedOut);
            json.WriteNumber("refused", service.Total.Refused);
            json.WriteNumber("lost", service.Total.Lost);
            json.WriteNumber("preempted", service.Total.Preempted);
            Write(json, "trace_share", service.Total.TraceShare);
            Write(json, "simulated_share", service.Total.SimulatedShare);
            json.WriteNumber("windows", service.Judged);
            Write(json, "trace_correlation_with_load", service.TraceCorrelation);
            Write(json, "simulated_correlation_with_load", service.SimulatedCorrelation);
            Write(json, "correlation", service.Correlation);
            Write(json, "trace_share_by_load", service.TraceByLoad);
            Write(json, "simulated_share_by_load", service.SimulatedByLoad);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>By quarter of load, from the least.</summary>
    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<double?> quarters)
    {
        json.WriteStartObject(name);
        foreach ((int i, double? share) in quarters.Index())
        {
            Write(json, $"q{i + 1}", share);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
