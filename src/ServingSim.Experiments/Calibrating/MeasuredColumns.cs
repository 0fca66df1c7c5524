namespace ServingSim.Experiments.Calibrating;

/// <summary>The columns of each shape of measurements.</summary>
internal static class MeasuredColumns
{
    /// <summary>Those that a row must have.</summary>
    internal static IReadOnlyList<string> Required(MeasuredShape shape) => shape switch
    {
        MeasuredShape.Steps => ["prefill_tokens", "decodes", "context_tokens", "step_ms"],
        MeasuredShape.StaticBatch => ["prompt_tokens", "batch_size", "output_tokens", "prompt_ms", "token_ms"],
        MeasuredShape.Requests => ["arrival_s", "prompt_tokens", "output_tokens", "ttft_ms", "e2e_ms"],
        MeasuredShape.Gemm => ["weight_bits", "m", "n", "k", "ms"],
        MeasuredShape.Experts =>
            ["weight_bits", "tokens", "hidden", "width", "top_k", "experts", "tp", "ep", "ms"],
        MeasuredShape.Attention => ["heads", "kv_heads", "head_dim", "kv_bytes", "batch", "tokens", "step", "ms"],
        MeasuredShape.MixedAttention =>
        [
            "heads", "kv_heads", "head_dim", "kv_bytes", "prefill_tokens", "prefill_context", "decodes",
            "decode_context", "ms",
        ],
        _ => ["gpus", "ms"],
    };

    /// <summary>What ms may be called where times are in another unit, and what that is in ms.</summary>
    internal static IReadOnlyDictionary<string, double> UnitsOfMs { get; } =
        new Dictionary<string, double> { ["us"] = 1e-3, ["ns"] = 1e-6 };

    /// <summary>Those that it may have.</summary>
    internal static IReadOnlyList<string> Optional(MeasuredShape shape) => shape switch
    {
        MeasuredShape.Steps => ["prompt_tokens", "prefill_context"],
        MeasuredShape.Requests => ["cached_tokens", "new_prompt_tokens"],
        MeasuredShape.AllReduce => ["elements", "bytes"],
        _ => [],
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
