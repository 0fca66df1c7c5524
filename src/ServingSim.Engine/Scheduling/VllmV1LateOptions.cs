using ServingSim.Kernel;

namespace ServingSim.Engine.Scheduling;

/// <summary>Options of profile <c>vllm-v1-late</c>: what vLLM V1 added to admission until 2026-08-17.</summary>
/// <param name="SchedulerReserveFullIsl">
/// Whether a request is admitted only if blocks suffice for all its known tokens, not just for its first chunk.
/// </param>
/// <param name="Watermark">The share of all blocks that an admission leaves free while something runs.</param>
public sealed record VllmV1LateOptions(bool SchedulerReserveFullIsl = true, double Watermark = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Watermark is not (>= 0 and < 1))
        {
            yield return (nameof(Watermark), $"found {Watermark}, expected at least 0 and less than 1");
        }
    }
}
