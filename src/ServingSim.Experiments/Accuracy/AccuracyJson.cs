using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>A result as JSON: numbers that read back to the same bits, null for what is undefined.</summary>
public static class AccuracyJson
{
    private static readonly JsonWriterOptions Options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The result as text that ends in a line feed.</summary>
    public static string Text(AccuracyResult result)
    {
        using MemoryStream stream = new();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteString("name", result.Plan.Name);
            json.WriteString("version", LoadedScenario.Version);
            WriteSummaries(json, result);
            WriteCases(json, result);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteSummaries(Utf8JsonWriter json, AccuracyResult result)
    {
        json.WriteStartArray("summaries");
        foreach (ErrorSummary summary in result.Summaries)
        {
            json.WriteStartObject();
            json.WriteString("group", summary.Group);
            json.WriteString("figure", summary.Figure);
            json.WriteNumber("cases", summary.Cases);
            json.WriteNumber("in_sample", summary.InSample);
            json.WriteNumber("undefined", summary.Undefined);
            Write(json, "median_error", summary.MedianError);
            Write(json, "median_absolute_error", summary.MedianAbsoluteError);
            Write(json, "mean_absolute_error", summary.MeanAbsoluteError);
            Write(json, "p90_absolute_error", summary.P90AbsoluteError);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCases(Utf8JsonWriter json, AccuracyResult result)
    {
        json.WriteStartArray("cases");
        foreach (CaseResult one in result.Cases)
        {
            json.WriteStartObject();
            json.WriteString("name", one.Case.Name);
            json.WriteString("group", one.Case.Group);
            json.WriteString("source", one.Case.Source);
            json.WriteString("in_sample", one.Case.InSample);
            json.WriteString("step_times", one.Case.StepTimes);
            json.WriteStartObject("figures");
            foreach (ScoredFigure figure in one.Figures)
            {
                json.WriteStartObject(figure.Figure);
                json.WriteNumber("measured", figure.Measured);
                Write(json, "predicted", figure.Predicted);
                Write(json, "error", figure.Error);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
            return;
        }

        json.WriteNull(name);
    }
}
