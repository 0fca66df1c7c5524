using System.ComponentModel;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>Options of <c>sessions</c>.</summary>
/// <param name="Turns">Requests of a session, drawn as a length.</param>
/// <param name="Gaps">Time from one turn's start to the next's.</param>
/// <param name="FirstPromptTokens">
/// Length of a session's first prompt, where it is not drawn as the new tokens of later turns are.
/// </param>
/// <param name="ForgetShare">
/// The share of turns, 0 … 1, before which a client forgets: of what was said it keeps a uniform share of the tokens,
/// the latest whole messages that fit. The KV of what follows the gap is found no more.
/// </param>
/// <param name="MaxContextTokens">
/// Longest prompt that a client sends: the oldest messages that do not fit are left out whole, and a message that does
/// not fit alone is cut short. A system prompt stays. No limit without it.
/// </param>
/// <param name="PrefixGroups">System prompts, one a session; none by default.</param>
public sealed record SessionsOptions(
    [property: DefaultValue("burstgpt-turns")] PartChoice<ILengths, RandomStreams> Turns,
    [property: DefaultValue("burstgpt-gaps")] PartChoice<IGaps, RandomStreams> Gaps,
    PartChoice<ILengths, RandomStreams>? FirstPromptTokens = null,
    double ForgetShare = 0,
    int? MaxContextTokens = null,
    PrefixGroupsOptions? PrefixGroups = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(ForgetShare is >= 0 and <= 1))
        {
            yield return (nameof(ForgetShare), $"found {ForgetShare}, expected a number from 0 to 1");
        }

        if (MaxContextTokens <= (PrefixGroups?.Tokens ?? 0))
        {
            yield return (
                nameof(MaxContextTokens),
                $"found {MaxContextTokens}, expected more than the {PrefixGroups?.Tokens ?? 0} of a system prompt");
        }
    }
}
