using System.Text.Json;

namespace ServingSim.Experiments.Results;

/// <summary>Writes what pools took and gave into <c>summary.json</c>, under <c>fleet</c>.</summary>
internal static class FleetJson
{
    internal static void Write(Utf8JsonWriter json, Summary summary)
    {
        if (summary.Fleet.Count == 0)
        {
            return;
        }

        json.WriteStartObject("fleet");
        Write(json, "overall", FleetFigures.Sum([.. summary.Fleet.Values]));
        json.WriteStartObject("by_pool");
        foreach ((string pool, FleetFigures figures) in summary.Fleet)
        {
            Write(json, pool, figures);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, FleetFigures figures)
    {
        json.WriteStartObject(name);
        json.WriteNumber("gpu_hours", figures.GpuHours);
        json.WriteNumber("serving_gpu_hours", figures.ServingGpuHours);
        json.WriteNumber("busy_gpu_hours", figures.BusyGpuHours);
        json.WriteNumber("replicas_started", figures.ReplicasStarted);
        json.WriteNumber("replicas_stopped", figures.ReplicasStopped);
        Write(json, "usd", figures.Usd);
        Write(json, "usd_per_million_tokens", figures.UsdPerMillionTokens);
        Write(json, "usd_per_million_output_tokens", figures.UsdPerMillionOutputTokens);
        Write(json, "usd_per_request", figures.UsdPerRequest);
        Write(json, "busy_share", figures.BusyShare);
        Write(json, "compute_utilisation", figures.ComputeUtilisation);
        Write(json, "bandwidth_utilisation", figures.BandwidthUtilisation);
        json.WriteNumber("kwh", figures.Kwh);
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
