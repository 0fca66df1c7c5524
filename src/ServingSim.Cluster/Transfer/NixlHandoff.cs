using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>Options of <c>nixl</c>.</summary>
/// <param name="AbortRequestTimeout">
/// How long a prefill replica keeps KV that nobody reads (VLLM_NIXL_ABORT_REQUEST_TIMEOUT).
/// </param>
/// <param name="KvLoadFailurePolicy">
/// What becomes of a request whose KV cannot be read (kv_load_failure_policy; vLLM's default was recompute, and is fail
/// since 2026-02).
/// </param>
public sealed record NixlOptions(
    [property: System.ComponentModel.DefaultValue("480s")] SimTime AbortRequestTimeout,
    KvLoadFailurePolicy KvLoadFailurePolicy = KvLoadFailurePolicy.Recompute) : IValidated
{
    /// <summary>vLLM's default.</summary>
    public static SimTime DefaultTimeout { get; } = SimTime.FromSeconds(480);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (AbortRequestTimeout <= SimTime.Zero)
        {
            yield return (nameof(AbortRequestTimeout), "found 0, expected more");
        }
    }
}

/// <summary>What becomes of a request whose KV cannot be read.</summary>
public enum KvLoadFailurePolicy
{
    /// <summary>The decode replica computes its prompt itself.</summary>
    Recompute,

    /// <summary>It fails.</summary>
    Fail,
}

/// <summary>
/// vLLM's NIXL connector behind its toy proxy or llm-d's sidecar: the prefill replica keeps the prompt's KV; the decode
/// replica queues the request like any other, sets blocks aside for the whole prompt at once when it comes to it, reads
/// those it has not got, all layers in bulk, and computes the last prompt token again to sample the first token itself.
/// A head that gets no blocks blocks those behind it while its KV fills the prefill replica. Where no decode replica
/// can be chosen the request fails, and nobody tells the prefill replica, which keeps its KV until the time-out.
/// </summary>
public sealed class NixlHandoff(NixlOptions options) : IHandoff
{
    /// <inheritdoc/>
    public bool ForwardsFirstToken => false;

    /// <inheritdoc/>
    public SimTime? PinTimeout => options.AbortRequestTimeout;

    /// <inheritdoc/>
    public bool RecomputesLostKv => options.KvLoadFailurePolicy == KvLoadFailurePolicy.Recompute;

    /// <inheritdoc/>
    public void Offer(Handover handover) => handover.Queue();
}
