namespace ServingSim.Experiments.Calibrating;

/// <summary>What rows of measurements say of steps.</summary>
internal static class StepObservations
{
    /// <summary>The steps that each of the rows tells of; a log of requests is read as a whole.</summary>
    internal static IReadOnlyList<(MeasuredRow Row, StepObservation Step)> Of(IReadOnlyList<MeasuredRow> rows)
    {
        List<(MeasuredRow, StepObservation)> all = [];
        foreach (IGrouping<(int, MeasuredShape), MeasuredRow> file in rows.GroupBy(row => (row.File, row.Shape)))
        {
            all.AddRange(file.Key.Item2 == MeasuredShape.Requests
                ? new RequestLog([.. file]).Steps()
                : file.SelectMany(row => StepsOf(row).Select(step => (row, step))));
        }

        return all;
    }

    private static IEnumerable<StepObservation> StepsOf(MeasuredRow row)
    {
        if (row.Shape == MeasuredShape.Steps)
        {
            double tokens = row["prefill_tokens"];
            yield return StepObservation.Of(
                tokens, row.Or("prompt_tokens", tokens), row.Or("prefill_context", 0), row["decodes"],
                row["context_tokens"], row["step_ms"]);
            yield break;
        }

        (double prompt, double batch) = (row["prompt_tokens"], row["batch_size"]);
        yield return StepObservation.Of(prompt * batch, prompt, 0, 0, 0, row["prompt_ms"]);
        if (row["output_tokens"] > 1)
        {
            // The second token's step attends to prompt + 1 tokens, the last one's to prompt + output - 1
            double context = batch * (prompt + (row["output_tokens"] / 2));
            yield return StepObservation.Of(0, 0, 0, batch, context, row["token_ms"]);
        }
    }
}
