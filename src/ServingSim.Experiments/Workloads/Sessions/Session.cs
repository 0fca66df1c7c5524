using ServingSim.Cluster;
using ServingSim.Engine;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>One conversation: what was said so far, and how many turns are to come.</summary>
internal sealed class Session(long id, int turns, TokenSegment? prefix, int maxContextTokens, Labels labels)
{
    private readonly List<TokenSegment> _messages = [];
    private readonly int _room = maxContextTokens - (prefix?.Tokens ?? 0);
    private long _tokens;

    internal long Id => id;

    internal Labels Labels => labels;

    /// <summary>Turns begun so far.</summary>
    internal int Turn { get; private set; }

    internal bool HasMoreTurns => Turn < turns;

    /// <summary>The prompt of the next turn: what was said, as far as it fits, and the new tokens.</summary>
    internal PromptContent Ask(long request, int newTokens)
    {
        Turn++;
        Say(TokenStream.OwnOf(request), Math.Min(newTokens, _room));
        KeepAtMost(_room);
        return PromptContent.Of(prefix is { } first ? [first, .. _messages] : [.. _messages]);
    }

    /// <summary>Adds the answer to the last prompt to what was said.</summary>
    internal void Answer(long request, int tokens) => Say(TokenStream.OutputOf(request), tokens);

    /// <summary>Forgets the oldest messages, so that at most this share of the tokens is left.</summary>
    internal void Forget(double keptShare) => KeepAtMost((long)(keptShare * _tokens));

    private void KeepAtMost(long tokens)
    {
        int forgotten = 0;
        for (; _tokens > tokens; forgotten++)
        {
            _tokens -= _messages[forgotten].Tokens;
        }

        _messages.RemoveRange(0, forgotten);
    }

    private void Say(TokenStream stream, int tokens)
    {
        _messages.Add(new TokenSegment(stream, tokens));
        _tokens += tokens;
    }
}
