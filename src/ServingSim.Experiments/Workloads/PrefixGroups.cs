using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Option <c>prefix_groups</c>: prompts begin with one of some system prompts.</summary>
/// <param name="Groups">How many system prompts there are.</param>
/// <param name="Tokens">How long each is.</param>
/// <param name="ZipfExponent">Of their popularity: the k-th has a share in proportion to k^−exponent; 0 for equal
/// shares.</param>
public sealed record PrefixGroupsOptions(int Groups, int Tokens, double ZipfExponent = 1) : IValidated
{
    private const int Most = 1_000_000;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Groups is < 1 or > Most)
        {
            yield return (nameof(Groups), $"found {Groups}, expected a whole number from 1 to {Most}");
        }

        if (Tokens is < 1 or > Most)
        {
            yield return (nameof(Tokens), $"found {Tokens}, expected a whole number from 1 to {Most}");
        }

        if (!(ZipfExponent is >= 0 and <= 10))
        {
            yield return (nameof(ZipfExponent), $"found {ZipfExponent}, expected a number from 0 to 10");
        }
    }
}

/// <summary>Which system prompt an item (a request, a session) begins with.</summary>
internal sealed class PrefixGroups
{
    private readonly RandomStream _groups;
    private readonly int _tokens;
    private readonly RisingNumbers _weightBefore;
    private readonly double _totalWeight;

    internal PrefixGroups(PrefixGroupsOptions options, RandomStreams streams)
    {
        (_groups, _tokens) = (streams.Stream("prefix-groups"), options.Tokens);
        (_weightBefore, _totalWeight) = RisingNumbers.SumsBefore(
            Enumerable.Range(1, options.Groups).Select(n => PortableMath.Pow(n, -options.ZipfExponent)));
    }

    /// <summary>The first tokens of the item's prompts, always the same.</summary>
    internal TokenSegment Of(long item)
    {
        Draws draws = _groups.At(item);
        int group = _weightBefore.LastNotAbove(draws.NextOpenUnit() * _totalWeight);
        return new TokenSegment(TokenStream.Shared(group), _tokens);
    }
}
