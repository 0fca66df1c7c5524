namespace ServingSim.Experiments.Calibrating;

/// <summary>The columns of each shape of measurements.</summary>
internal static class MeasuredColumns
{
    /// <summary>Those that a row must have.</summary>
    internal static IReadOnlyList<string> Required(MeasuredShape shape) => shape switch
    {
        MeasuredShape.Steps => ["prefill_tokens", "decodes", "context_tokens", "step_ms"],
        MeasuredShape.StaticBatch => ["prompt_tokens", "batch_size", "output_tokens", "prompt_ms", "token_ms"],
        _ => ["arrival_s", "prompt_tokens", "output_tokens", "ttft_ms", "e2e_ms"],
    };

    /// <summary>Those that it may have.</summary>
    internal static IReadOnlyList<string> Optional(MeasuredShape shape) => shape switch
    {
        MeasuredShape.Steps => ["prompt_tokens", "prefill_context"],
        MeasuredShape.StaticBatch => [],
        _ => ["cached_tokens", "new_prompt_tokens"],
    };

    /// <summary>The shape whose every required column is there; null where none is.</summary>
    internal static MeasuredShape? Recognise(IReadOnlyCollection<string> columns)
    {
        foreach (MeasuredShape shape in Enum.GetValues<MeasuredShape>())
        {
            if (Required(shape).All(columns.Contains))
            {
                return shape;
            }
        }

        return null;
    }
}
