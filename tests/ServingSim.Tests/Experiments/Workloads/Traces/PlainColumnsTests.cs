using CsCheck;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>Option <c>columns</c> of plain traces: logs of one's own, as they are.</summary>
public sealed class PlainColumnsTests
{
    [Fact]
    public void A_log_is_read_under_its_own_names()
    {
        using TemporaryCsv file = new("when,in,out,output_tokens,user\n1,10,2,99,a\n");
        ClientRequest request = Assert.Single(Taken(file, ("arrival_s", "when"), ("prompt_tokens", "in"),
            ("output_tokens", "out"), ("tenant", "user")));
        Assert.Equal((10, 2, "tenant=a"), (request.PromptTokens, request.Output.Tokens, request.Labels.ToString()));
    }

    [Fact]
    public void Prompts_with_the_same_number_are_the_same_prompt()
    {
        using TemporaryCsv file = new("arrival_s,prompt_tokens,output_tokens,id\n0,40,1,7\n1,40,1,8\n2,40,1,7\n");
        Assert.Equal(
            [Shared(7, 40), Shared(8, 40), Shared(7, 40)],
            Taken(file, ("prompt_id", "id")).Select(r => r.Prompt.Segments.ToArray()));
        Assert.All(Taken(file), r => Assert.Equal(TokenStreamKind.Own, r.Prompt.Segments[0].Stream.Kind));
    }

    [Fact]
    public void Shared_tokens_are_those_of_the_shortest_prompt_that_is_long_enough()
    {
        // The third repeats the first, not the second, which is longer; the fourth repeats the third
        using TemporaryCsv file = new(
            "arrival_s,prompt_tokens,output_tokens,hit\n0,40,1,0\n1,90,1,0\n2,60,1,32\n3,70,1,48\n4,8,1,8\n");
        Assert.Equal(
            [
                Shared(0, 40), Shared(1, 90), [.. Shared(0, 32), .. Shared(2, 28)],
                [.. Shared(0, 32), .. Shared(2, 16), .. Shared(3, 22)], Shared(0, 8),
            ],
            Taken(file, ("shared_tokens", "hit")).Select(r => r.Prompt.Segments.ToArray()));
    }

    [Fact]
    public void Whatever_is_shared_a_prompt_keeps_its_length_and_begins_as_an_earlier_one() =>
        Gen.Select(Gen.Int[1, 200], Gen.Double[0, 1]).Array[1, 30].Sample(prompts =>
        {
            SharedBeginnings beginnings = new();
            List<TokenSegment[]> earlier = [];
            foreach ((int tokens, double share) in prompts)
            {
                int longest = earlier.Select(e => e.Sum(s => s.Tokens)).DefaultIfEmpty().Max();
                int shared = (int)(share * Math.Min(tokens, longest));
                TokenSegment[] segments = beginnings.Add(tokens, shared);
                Assert.Equal(tokens, segments.Sum(s => s.Tokens));
                Assert.True(shared == 0 || earlier.Any(e => Common(e, segments) >= shared), $"{tokens} {shared}");
                earlier.Add(segments);
            }
        });

    [Theory]
    [InlineData("./trace.csv:2: 'id' is 'x'; expected a whole number that tells prompts apart", "prompt_id", "id")]
    [InlineData("./trace.csv:2: 'more' is '50'; expected at most prompt_tokens (40)", "shared_tokens", "more")]
    public void A_field_that_is_not_understood_is_named_as_the_file_names_it(
        string message, string known, string column)
    {
        using TemporaryCsv file = new("arrival_s,prompt_tokens,output_tokens,id,more\n0,40,1,x,50\n");
        Assert.Equal(message, Assert.Throws<TraceException>(() => Taken(file, (known, column))).Message);
    }

    [Fact]
    public void A_column_that_is_named_has_to_be_there()
    {
        using TemporaryCsv file = new("arrival_s,prompt_tokens,output_tokens\n0,40,1\n");
        TraceException refused = Assert.Throws<TraceException>(() => Taken(file, ("prompt_id", "id")));
        Assert.StartsWith("./trace.csv:1: no column 'id'", refused.Message);
    }

    [Fact]
    public void Names_that_are_no_columns_and_two_ways_to_tell_beginnings_are_refused()
    {
        using TemporaryCsv file = new("");
        string[] problems = [.. Options(file, ("promt_id", "id"), ("prefix", "p"), ("prompt_id", "id")).Problems()
            .Select(p => p.Problem)];
        Assert.StartsWith("unknown column 'promt_id' (did you mean 'prompt_id'?)", problems[0]);
        Assert.Equal("found prefix and prompt_id, expected one: each tells how prompts begin", problems[1]);
    }

    private static int Common(TokenSegment[] a, TokenSegment[] b)
    {
        int common = 0;
        foreach ((TokenSegment x, TokenSegment y) in a.Zip(b))
        {
            if (x.Stream != y.Stream)
            {
                break;
            }

            common += Math.Min(x.Tokens, y.Tokens);
            if (x.Tokens != y.Tokens)
            {
                break;
            }
        }

        return common;
    }

    private static TokenSegment[] Shared(long id, int tokens) => [new(TokenStream.Shared(id), tokens)];

    private static List<ClientRequest> Taken(TemporaryCsv file, params (string Known, string Column)[] columns)
    {
        using TraceWorkload workload = new(Options(file, columns), Labels.None, new RandomStreams(1), default);
        return workload.TakeAll();
    }

    private static PlainOptions Options(TemporaryCsv file, params (string Known, string Column)[] columns) =>
        new(file.Path, Columns: columns.ToDictionary(c => c.Known, c => c.Column));
}
