using System.Runtime.InteropServices;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's own books of what it sent and what has not ended: prompt tokens still to be computed, and KV blocks in
/// use, those that several requests of a replica share counted once (Dynamo, ActiveSequences). Blocks are those that
/// the prompts fill; outputs are not counted.
/// </summary>
internal sealed class ActiveSequences
{
    private readonly PrefixHolders _holders = new();
    private readonly Dictionary<(ulong Block, int Replica), int> _users = [];
    private readonly List<Books?> _books = [];
    private int[] _found = [];

    /// <summary>
    /// For every replica the blocks that it would use with this prompt beside those that it uses; good until the next
    /// call.
    /// </summary>
    internal int[] BlocksWith(ClientRequest request, IReadOnlyList<ReplicaView> replicas, bool shares)
    {
        BlockSizes.Spread(
            ref _found,
            replicas,
            size => shares ? _holders.CountFromFirst(RoutingKeys.OfBlocks(request.Prompt, size)) : []);
        for (int i = 0; i < _found.Length; i++)
        {
            int own = request.PromptTokens / replicas[i].BlockSize;
            _found[i] = own - _found[i] + (BooksOf(replicas[i])?.Blocks ?? 0);
        }

        return _found;
    }

    /// <summary>Prompt tokens that a replica has still to compute, as far as the router knows.</summary>
    internal long PrefillTokensOf(ReplicaView replica) => BooksOf(replica)?.PrefillTokens ?? 0;

    /// <summary>Requests on a replica that have had their first token, and the tokens of their prompts.</summary>
    internal (int Requests, long PromptTokens) DecodingOn(ReplicaView replica) =>
        BooksOf(replica) is { } books ? (books.Decoding, books.DecodingPromptTokens) : default;

    /// <summary>A request is sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="replica">Where it is sent.</param>
    /// <param name="prefillTokens">Tokens of its prompt that must be computed there.</param>
    /// <param name="shares">Whether blocks that another request uses there are counted once.</param>
    internal void Add(ClientRequest request, ReplicaView replica, long prefillTokens, bool shares)
    {
        if (BooksOf(replica) is not { } books)
        {
            CollectionsMarshal.SetCount(_books, Math.Max(_books.Count, replica.Index + 1));
            _books[replica.Index] = books = new Books(this, replica.Index);
            replica.Watch(books);
        }

        ulong[] blocks = shares ? RoutingKeys.OfBlocks(request.Prompt, replica.BlockSize) : [];
        books.Add(request, new Sent(prefillTokens, blocks, shares ? 0 : request.PromptTokens / replica.BlockSize));
    }

    private Books? BooksOf(ReplicaView replica) => replica.Index < _books.Count ? _books[replica.Index] : null;

    /// <summary>An unended request.</summary>
    /// <param name="PrefillTokens">Tokens to compute before its first token; null once that has passed.</param>
    /// <param name="Blocks">Blocks that others may share.</param>
    /// <param name="OwnBlocks">Blocks that are counted for it alone.</param>
    private readonly record struct Sent(long? PrefillTokens, ulong[] Blocks, int OwnBlocks);

    /// <summary>The books of one replica.</summary>
    private sealed class Books(ActiveSequences all, int replica) : IRequestWatcher
    {
        private readonly Dictionary<long, Sent> _sent = [];

        internal int Blocks { get; private set; }

        internal long PrefillTokens { get; private set; }

        internal int Decoding { get; private set; }

        internal long DecodingPromptTokens { get; private set; }

        public void FirstToken(ClientRequest request)
        {
            if (_sent.TryGetValue(request.Id, out Sent sent) && sent.PrefillTokens is { } tokens)
            {
                PrefillTokens -= tokens;
                Decoding++;
                DecodingPromptTokens += request.PromptTokens;
                _sent[request.Id] = sent with { PrefillTokens = null };
            }
        }

        public void Ended(ClientRequest request)
        {
            if (!_sent.Remove(request.Id, out Sent sent))
            {
                return;
            }

            if (sent.PrefillTokens is { } tokens)
            {
                PrefillTokens -= tokens;
            }
            else
            {
                Decoding--;
                DecodingPromptTokens -= request.PromptTokens;
            }

            Blocks -= sent.OwnBlocks;
            foreach (ulong block in sent.Blocks)
            {
                if (--CollectionsMarshal.GetValueRefOrNullRef(all._users, (block, replica)) == 0)
                {
                    all._users.Remove((block, replica));
                    all._holders.Remove(block, replica);
                    Blocks--;
                }
            }
        }

        internal void Add(ClientRequest request, in Sent sent)
        {
            _sent.Add(request.Id, sent);
            PrefillTokens += sent.PrefillTokens!.Value;
            Blocks += sent.OwnBlocks;
            foreach (ulong block in sent.Blocks)
            {
                if (++CollectionsMarshal.GetValueRefOrAddDefault(all._users, (block, replica), out _) == 1)
                {
                    all._holders.Add(block, replica);
                    Blocks++;
                }
            }
        }
    }
}
