using System.Runtime.InteropServices;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's memory of all prompts that it sent: one radix tree whose nodes are marked with the replicas that they
/// were sent to and when that was last of use (SGLang's router, tree.rs, 2025-10). It sees text, hence no cache salt.
/// </summary>
/// <remarks>
/// A node holds pieces of token streams, so that a prompt costs what its segments are and not what its tokens are.
/// </remarks>
internal sealed class PrefixTree
{
    private readonly Node _root = new(null, [], 0);
    private readonly List<long> _tokens = [];
    private int _nodes;

    /// <summary>The prefix of a prompt that is in the tree.</summary>
    /// <param name="Tokens">Its length.</param>
    /// <param name="At">The node in which it ends, the root for an empty one.</param>
    internal readonly record struct Match(int Tokens, Node At);

    /// <summary>Tokens that are remembered of a replica.</summary>
    internal long TokensOf(int replica) => replica < _tokens.Count ? _tokens[replica] : 0;

    /// <summary>The longest prefix of a prompt that any replica was sent, also if it ends within a node.</summary>
    internal Match Find(PromptContent prompt)
    {
        Cursor cursor = new(prompt.Segments);
        (Node node, int matched) = (_root, 0);
        while (!cursor.AtEnd && node.Child(cursor) is { } child)
        {
            int shared = cursor.PassShared(child.Pieces);
            (node, matched) = (child, matched + shared);
            if (shared < child.Tokens)
            {
                break;
            }
        }

        return new Match(matched, node);
    }

    /// <summary>A prefix that was found was of use to a replica that it was sent to.</summary>
    internal static void Touch(Match match, int replica, SimTime now)
    {
        for (Node node = match.At; node.Parent is { } parent; node = parent)
        {
            node.Marks[replica] = node.Marks[replica] with { Used = now };
        }
    }

    /// <summary>Remembers that a prompt was sent to a replica.</summary>
    internal void Insert(PromptContent prompt, int replica, SimTime now)
    {
        if (replica >= _tokens.Count)
        {
            CollectionsMarshal.SetCount(_tokens, replica + 1);
        }

        Cursor cursor = new(prompt.Segments);
        Node node = _root;
        while (!cursor.AtEnd)
        {
            Cursor before = cursor;
            if (node.Child(cursor) is not { } child)
            {
                child = NewNode(node, cursor.TakeRest());
            }
            else
            {
                int shared = cursor.PassShared(child.Pieces);
                child = shared < child.Tokens ? Split(child, shared) : child;
            }

            node.Children[before.Next] = child;
            Add(child, replica, now);
            node = child;
        }
    }

    /// <summary>
    /// Of every replica with more tokens than the limit, forgets leaves (nodes with no child of the same replica), the
    /// least recently used first, until it has no more than that; ties go to the older node, then the lower replica.
    /// </summary>
    internal void Evict(double maxTokens)
    {
        if (_tokens.TrueForAll(tokens => tokens <= maxTokens))
        {
            return;
        }

        PriorityQueue<(Node Node, int Replica), (SimTime, int, int)> leaves = new();
        Stack<Node> unseen = new([_root]);
        while (unseen.TryPop(out Node? node))
        {
            foreach (Node child in node.Children.Values)
            {
                unseen.Push(child);
            }

            for (int i = 0; i < node.Marks.Count; i++)
            {
                AddIfLeaf(node, node.Marks.GetKeyAtIndex(i));
            }
        }

        while (leaves.TryDequeue(out (Node Node, int Replica) leaf, out _))
        {
            if (_tokens[leaf.Replica] > maxTokens)
            {
                Node parent = leaf.Node.Parent!;
                Remove(leaf.Node, leaf.Replica);
                AddIfLeaf(parent, leaf.Replica);
            }
        }

        void AddIfLeaf(Node node, int replica)
        {
            if (_tokens[replica] > maxTokens && node.Marks.TryGetValue(replica, out Mark mark) && mark.Children == 0)
            {
                leaves.Enqueue((node, replica), (mark.Used, node.Number, replica));
            }
        }
    }

    /// <summary>Forgets all that a replica was sent.</summary>
    internal void Forget(int replica)
    {
        // Who has a node has its parents; children go before them
        List<Node> held = [.. _root.Children.Values.Where(HasIt)];
        for (int i = 0; i < held.Count; i++)
        {
            held.AddRange(held[i].Children.Values.Where(HasIt));
        }

        for (int i = held.Count - 1; i >= 0; i--)
        {
            Remove(held[i], replica);
        }

        bool HasIt(Node node) => node.Marks.ContainsKey(replica);
    }

    private Node NewNode(Node parent, Piece[] pieces) => new(parent, pieces, ++_nodes);

    /// <summary>Puts a new node with its first tokens above a node; both have the same marks.</summary>
    private Node Split(Node lower, int tokens)
    {
        (Piece[] first, Piece[] rest) = Piece.Cut(lower.Pieces, tokens);
        Node upper = NewNode(lower.Parent!, first);
        for (int i = 0; i < lower.Marks.Count; i++)
        {
            upper.Marks.Add(lower.Marks.GetKeyAtIndex(i), lower.Marks.GetValueAtIndex(i) with { Children = 1 });
        }

        (lower.Parent, lower.Pieces) = (upper, rest);
        upper.Children.Add(rest[0].Start, lower);
        return upper;
    }

    private void Add(Node node, int replica, SimTime now)
    {
        if (node.Marks.TryGetValue(replica, out Mark mark))
        {
            node.Marks[replica] = mark with { Used = now };
            return;
        }

        node.Marks.Add(replica, new Mark(now, 0));
        _tokens[replica] += node.Tokens;
        CountChild(node.Parent!, replica, 1);
    }

    private void Remove(Node node, int replica)
    {
        node.Marks.Remove(replica);
        _tokens[replica] -= node.Tokens;
        CountChild(node.Parent!, replica, -1);
        if (node.Marks.Count == 0)
        {
            node.Parent!.Children.Remove(node.Pieces[0].Start);
        }
    }

    private static void CountChild(Node parent, int replica, int more)
    {
        if (parent.Parent is not null)
        {
            Mark mark = parent.Marks[replica];
            parent.Marks[replica] = mark with { Children = mark.Children + more };
        }
    }

    /// <summary>Adjacent tokens that follow one another in no other prompt, as far as is known.</summary>
    internal sealed class Node(Node? parent, Piece[] pieces, int number)
    {
        private Dictionary<(TokenStream Stream, int Offset), Node>? _children;
        private Piece[] _pieces = pieces;

        /// <summary>Null for the root.</summary>
        internal Node? Parent { get; set; } = parent;

        /// <summary>Nodes are numbered in the order in which they were made.</summary>
        internal int Number => number;

        internal Piece[] Pieces
        {
            get => _pieces;
            set => (_pieces, Tokens) = (value, value.Sum(p => p.Tokens));
        }

        internal int Tokens { get; private set; } = pieces.Sum(p => p.Tokens);

        /// <summary>The replicas that its tokens were sent to.</summary>
        internal SortedList<int, Mark> Marks { get; } = new(capacity: 1);

        internal Dictionary<(TokenStream Stream, int Offset), Node> Children => _children ??= [];

        internal Node? Child(in Cursor cursor) => _children?.GetValueOrDefault(cursor.Next);
    }

    /// <summary>What is known of a node and a replica.</summary>
    /// <param name="Used">When it was last sent or found for it.</param>
    /// <param name="Children">How many children have the same replica.</param>
    internal readonly record struct Mark(SimTime Used, int Children);

    /// <summary>Some tokens of a stream.</summary>
    internal readonly record struct Piece(TokenStream Stream, int Offset, int Tokens)
    {
        internal (TokenStream Stream, int Offset) Start => (Stream, Offset);

        /// <summary>The first tokens of some pieces, and the others; neither are none.</summary>
        internal static (Piece[] First, Piece[] Second) Cut(Piece[] pieces, int tokens)
        {
            int whole = 0;
            while (pieces[whole].Tokens <= tokens)
            {
                tokens -= pieces[whole].Tokens;
                whole++;
            }

            Piece cut = pieces[whole];
            Piece rest = cut with { Offset = cut.Offset + tokens, Tokens = cut.Tokens - tokens };
            return (
                tokens == 0 ? pieces[..whole] : [.. pieces[..whole], cut with { Tokens = tokens }],
                [rest, .. pieces[(whole + 1)..]]);
        }
    }

    /// <summary>How far a prompt has been read.</summary>
    internal ref struct Cursor(ReadOnlySpan<TokenSegment> segments)
    {
        private readonly ReadOnlySpan<TokenSegment> _segments = segments;
        private int _segment;
        private int _offset;

        internal readonly bool AtEnd => _segment == _segments.Length;

        /// <summary>The next token.</summary>
        internal readonly (TokenStream Stream, int Offset) Next => (_segments[_segment].Stream, _offset);

        /// <summary>Reads as many tokens as some pieces begin with.</summary>
        internal int PassShared(Piece[] pieces)
        {
            int shared = 0;
            foreach (Piece piece in pieces)
            {
                if (AtEnd || Next != piece.Start)
                {
                    break;
                }

                int tokens = Math.Min(piece.Tokens, _segments[_segment].Tokens - _offset);
                (shared, _offset) = (shared + tokens, _offset + tokens);
                if (_offset == _segments[_segment].Tokens)
                {
                    (_segment, _offset) = (_segment + 1, 0);
                }

                if (tokens < piece.Tokens)
                {
                    break;
                }
            }

            return shared;
        }

        /// <summary>Reads all that is left.</summary>
        internal Piece[] TakeRest()
        {
            Piece[] rest = new Piece[_segments.Length - _segment];
            for (int i = 0; i < rest.Length; i++)
            {
                (TokenStream stream, int tokens) = _segments[_segment + i];
                rest[i] = new Piece(stream, i == 0 ? _offset : 0, tokens - (i == 0 ? _offset : 0));
            }

            _segment = _segments.Length;
            return rest;
        }
    }
}
