using System.ComponentModel;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>Options of <c>sessions</c>.</summary>
/// <param name="Turns">Requests of a session, drawn as a length.</param>
/// <param name="GapMu">
/// Mean of the logarithm of the seconds from one turn's start to the next's; BurstGPT_3's by default (median 178 s).
/// </param>
/// <param name="GapSigma">Standard deviation of that logarithm; 0 for gaps that are all e^mu.</param>
/// <param name="MaxContextTokens">
/// Longest prompt that a client sends: the oldest messages that do not fit are left out whole, and a message that does
/// not fit alone is cut short. A system prompt stays. No limit without it.
/// </param>
/// <param name="PrefixGroups">System prompts, one a session; none by default.</param>
public sealed record SessionsOptions(
    [property: DefaultValue("burstgpt-turns")] PartChoice<ILengths, RandomStreams> Turns,
    double GapMu = 5.18,
    double GapSigma = 1.96,
    int? MaxContextTokens = null,
    PrefixGroupsOptions? PrefixGroups = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(GapMu is >= -10 and <= 15))
        {
            yield return (nameof(GapMu), $"found {GapMu}, expected a number from -10 to 15");
        }

        if (!(GapSigma is >= 0 and <= 10))
        {
            yield return (nameof(GapSigma), $"found {GapSigma}, expected a number from 0 to 10");
        }

        if (MaxContextTokens <= (PrefixGroups?.Tokens ?? 0))
        {
            yield return (
                nameof(MaxContextTokens),
                $"found {MaxContextTokens}, expected more than the {PrefixGroups?.Tokens ?? 0} of a system prompt");
        }
    }
}
