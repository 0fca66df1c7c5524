using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>One row of a trace, whatever its format.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Recorded">When it was submitted, on the trace's own axis.</param>
/// <param name="PromptTokens">At least 1 unless the row failed.</param>
/// <param name="OutputTokens">0 where the request failed.</param>
internal readonly record struct TraceRow(
    long Line, SimTime Recorded, int PromptTokens, int OutputTokens)
{
    /// <summary>What it is named by.</summary>
    internal RowNames Names { get; init; }

    /// <summary>Seconds to the complete response, as the file writes them; null where it does not tell.</summary>
    internal string? ElapsedTime { get; init; }

    /// <summary>How long after <see cref="Recorded"/> it arrives, where the trace's clock is coarse.</summary>
    internal SimTime Spread { get; init; }

    /// <summary>Whether the options leave it out for what it is.</summary>
    internal bool IsFilteredOut { get; init; }

    /// <summary>Lower is more urgent.</summary>
    internal int Priority { get; init; }

    /// <summary>What the prompt begins with; the rest is the request's own. Null: all of it is.</summary>
    internal TokenSegment[]? Beginning { get; init; }

    /// <summary>Whether the request failed, which traces record as an output of no tokens.</summary>
    internal bool Failed => OutputTokens == 0;

    /// <summary>Whether it failed and not even the prompt's size is known.</summary>
    internal bool FailedWithoutSize => Failed && PromptTokens == 0;

    /// <summary>What the row tells beside its time and lengths.</summary>
    internal TraceFacts Facts =>
        (Names.Model is null ? TraceFacts.None : TraceFacts.Model)
        | (Names.LogType is null ? TraceFacts.None : TraceFacts.LogType)
        | (Names.Session is null ? TraceFacts.None : TraceFacts.Session)
        | (Names.Tenant is null ? TraceFacts.None : TraceFacts.Tenant)
        | (ElapsedTime is null ? TraceFacts.None : TraceFacts.ElapsedTime)
        | (Priority == 0 ? TraceFacts.None : TraceFacts.Priority)
        | (Prefix is null ? TraceFacts.None : TraceFacts.Prefix)
        | (HasHashIds ? TraceFacts.HashIds : TraceFacts.None);

    /// <summary>The group whose prompts begin as this one does, and how far; null where there is none.</summary>
    internal (long Group, int Tokens)? Prefix =>
        Beginning is [{ Stream.Kind: TokenStreamKind.Shared } shared] ? (shared.Stream.Id, shared.Tokens) : null;

    /// <summary>Whether the trace names the blocks of the prompt by hash ids.</summary>
    internal bool HasHashIds => Beginning is [{ Stream.Kind: TokenStreamKind.TraceBlock }, ..];

    /// <summary>The prompt, for client request <paramref name="client"/>.</summary>
    internal PromptContent PromptOf(long client)
    {
        if (Beginning is null)
        {
            return PromptContent.OwnOf(client, PromptTokens);
        }

        int own = PromptTokens - Beginning.Sum(s => s.Tokens);
        return own == 0
            ? PromptContent.Of(Beginning)
            : PromptContent.Of([.. Beginning, new TokenSegment(TokenStream.OwnOf(client), own)]);
    }
}
