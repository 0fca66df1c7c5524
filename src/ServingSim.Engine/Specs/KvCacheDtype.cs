namespace ServingSim.Engine.Specs;

/// <summary>How keys and values are stored; vLLM's <c>kv_cache_dtype</c>.</summary>
public enum KvCacheDtype
{
    /// <summary>As the model's activations: bf16, two bytes an element.</summary>
    Auto,

    /// <summary>One byte an element.</summary>
    Fp8,
}
