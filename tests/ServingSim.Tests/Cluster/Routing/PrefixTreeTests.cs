using CsCheck;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class PrefixTreeTests
{
    private static readonly Gen<TokenSegment[]> Prompts =
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 6]).Array[1, 4].Select(parts =>
            parts.Select(p => new TokenSegment(TokenStream.Shared(p.Item1), p.Item2)).ToArray());

    [Fact]
    public void A_match_ends_within_a_node_and_belongs_to_all_that_were_sent_the_node()
    {
        PrefixTree tree = new();
        tree.Insert(Prompt((0, 10)), 2, default);
        tree.Insert(Prompt((0, 10)), 5, default);
        PrefixTree.Match match = tree.Find(Prompt((0, 7), (1, 9)));
        Assert.Equal((7, "2 5"), (match.Tokens, string.Join(' ', match.At.Marks.Keys)));
        tree.Insert(Prompt((0, 7), (1, 9)), 3, default);
        Assert.Equal((10L, 16L, 10L), (tree.TokensOf(2), tree.TokensOf(3), tree.TokensOf(5)));
        Assert.Equal("2 3 5", string.Join(' ', tree.Find(Prompt((0, 7))).At.Marks.Keys));
        Assert.Equal("3", string.Join(' ', tree.Find(Prompt((0, 7), (1, 1))).At.Marks.Keys));
        Assert.Equal("2 5", string.Join(' ', tree.Find(Prompt((0, 8))).At.Marks.Keys));
        Assert.Equal(0, tree.Find(Prompt((1, 9))).Tokens);
    }

    /// <summary>Replica 0 has 4 + 3 + 5 tokens; the leaf of 5 was used last, that of 3 first.</summary>
    [Fact]
    public void The_least_recently_used_leaf_is_forgotten_first_and_whole()
    {
        PrefixTree tree = new();
        tree.Insert(Prompt((0, 4), (1, 3)), 0, new SimTime(1));
        tree.Insert(Prompt((0, 4), (2, 5)), 0, new SimTime(2));
        tree.Insert(Prompt((0, 4), (1, 3)), 1, new SimTime(3));
        tree.Evict(12);
        Assert.Equal((12L, 7L), (tree.TokensOf(0), tree.TokensOf(1)));
        tree.Evict(11);
        Assert.Equal((9L, 7L), (tree.TokensOf(0), tree.TokensOf(1)));
        Assert.Equal("1", string.Join(' ', tree.Find(Prompt((0, 4), (1, 3))).At.Marks.Keys));
        tree.Evict(4);
        Assert.Equal((4L, 4L), (tree.TokensOf(0), tree.TokensOf(1)));
        Assert.Equal(4, tree.Find(Prompt((0, 4), (1, 3))).Tokens);
        tree.Evict(0);
        Assert.Equal((0L, 0L), (tree.TokensOf(0), tree.TokensOf(1)));
        Assert.Equal(0, tree.Find(Prompt((0, 4))).Tokens);
    }

    [Fact]
    public void A_prompt_that_was_found_again_is_forgotten_later()
    {
        PrefixTree tree = new();
        tree.Insert(Prompt((0, 4)), 0, new SimTime(1));
        tree.Insert(Prompt((1, 4)), 0, new SimTime(2));
        PrefixTree.Touch(tree.Find(Prompt((0, 2))), 0, new SimTime(3));
        tree.Evict(4);
        Assert.Equal((4, 0), (tree.Find(Prompt((0, 4))).Tokens, tree.Find(Prompt((1, 4))).Tokens));
    }

    /// <summary>Against the published algorithm told literally, token by token and with a look at every node.</summary>
    [Fact]
    public void It_remembers_and_forgets_what_a_tree_of_single_tokens_does() =>
        Gen.Select(Gen.Int[0, 9], Prompts, Gen.Int[0, 3], Gen.Int[0, 30]).Array[1, 40].Sample(
            steps =>
            {
                PrefixTree tree = new();
                LiteralTree literal = new();
                for (int i = 0; i < steps.Length; i++)
                {
                    (int kind, TokenSegment[] segments, int replica, int limit) = steps[i];
                    PromptContent prompt = PromptContent.Of(segments);
                    SimTime now = new(i / 2);
                    PrefixTree.Match match = tree.Find(prompt);
                    (int matched, LiteralTree.Node at) = literal.Find(LiteralTree.TokensOf(segments));
                    Assert.Equal(matched, match.Tokens);
                    Assert.Equal(at.Used.Keys.Order(), match.At.Marks.Keys);
                    if (kind == 0)
                    {
                        tree.Evict(limit);
                        literal.Evict(limit);
                    }
                    else if (kind <= 3 && match.At.Marks.ContainsKey(replica))
                    {
                        PrefixTree.Touch(match, replica, now);
                        LiteralTree.Touch(at, replica, i / 2);
                    }
                    else
                    {
                        tree.Insert(prompt, replica, now);
                        literal.Insert(LiteralTree.TokensOf(segments), replica, i / 2);
                    }

                    Assert.All(Enumerable.Range(0, 4), r => Assert.Equal(literal.SizeOf(r), tree.TokensOf(r)));
                }
            }, iter: 5_000);

    private static PromptContent Prompt(params (int Stream, int Tokens)[] parts) =>
        PromptContent.Of([.. parts.Select(p => new TokenSegment(TokenStream.Shared(p.Stream), p.Tokens))]);

    /// <summary>sgl-router's tree as its source tells it: texts are lists, nothing is counted ahead.</summary>
    private sealed class LiteralTree
    {
        private readonly List<Node> _all = [];
        private readonly Node _root = new();
        private int _made;

        public static List<(long, int)> TokensOf(TokenSegment[] segments) =>
            [.. segments.SelectMany(s => Enumerable.Range(0, s.Tokens).Select(t => (s.Stream.Id, t)))];

        public (int, Node) Find(List<(long, int)> text)
        {
            (Node node, int done) = (_root, 0);
            while (done < text.Count && ChildOf(node, text[done]) is { } child)
            {
                int shared = Shared(child.Text, text[done..]);
                (node, done) = (child, done + shared);
                if (shared < child.Text.Count)
                {
                    break;
                }
            }

            return (done, node);
        }

        public static void Touch(Node at, int replica, long now)
        {
            for (Node? node = at; node?.Parent is not null; node = node.Parent)
            {
                node.Used[replica] = now;
            }
        }

        public void Insert(List<(long, int)> text, int replica, long now)
        {
            (Node node, int done) = (_root, 0);
            while (done < text.Count)
            {
                Node? child = ChildOf(node, text[done]);
                if (child is null)
                {
                    child = new Node { Text = text[done..], Parent = node, Number = ++_made };
                    _all.Add(child);
                }
                else if (Shared(child.Text, text[done..]) is var shared && shared < child.Text.Count)
                {
                    Node upper = new() { Text = child.Text[..shared], Parent = node, Number = ++_made };
                    upper.Used = new(child.Used);
                    (child.Text, child.Parent) = (child.Text[shared..], upper);
                    _all.Add(upper);
                    child = upper;
                }

                child.Used[replica] = now;
                (node, done) = (child, done + child.Text.Count);
            }
        }

        public void Evict(int limit)
        {
            while (true)
            {
                (Node Node, int Replica)[] leaves =
                [
                    .. _all.SelectMany(n => n.Used.Keys.Select(r => (Node: n, Replica: r)))
                        .Where(l => SizeOf(l.Replica) > limit
                            && !_all.Any(c => c.Parent == l.Node && c.Used.ContainsKey(l.Replica)))
                        .OrderBy(l => (l.Node.Used[l.Replica], l.Node.Number, l.Replica)),
                ];
                if (leaves.Length == 0)
                {
                    return;
                }

                leaves[0].Node.Used.Remove(leaves[0].Replica);
                _all.RemoveAll(n => n.Used.Count == 0);
            }
        }

        public long SizeOf(int replica) => _all.Where(n => n.Used.ContainsKey(replica)).Sum(n => n.Text.Count);

        private static int Shared(List<(long, int)> a, List<(long, int)> b) =>
            a.Zip(b).TakeWhile(p => p.First == p.Second).Count();

        private Node? ChildOf(Node parent, (long, int) first) =>
            _all.Find(n => n.Parent == parent && n.Text[0] == first);

        public sealed class Node
        {
            public List<(long, int)> Text { get; set; } = [];

            public Node? Parent { get; set; }

            public int Number { get; init; }

            public Dictionary<int, long> Used { get; set; } = [];
        }
    }
}
