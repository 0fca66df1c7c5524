using ServingSim.Experiments.Planning;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class CountSearchTests
{
    /// <summary>Every least count, from every guess, in ranges of every small size.</summary>
    [Fact]
    public void The_least_count_that_is_enough_is_found_from_any_guess()
    {
        for (int most = 1; most <= 12; most++)
        {
            for (int answer = 1; answer <= most + 1; answer++)
            {
                for (int guess = 0; guess <= most + 1; guess++)
                {
                    CountSearch search = new(1, most, guess);
                    List<int> tried = Solve(search, n => n >= answer);
                    Assert.Equal(answer <= most ? answer : null, search.Answer);
                    Assert.All(tried, n => Assert.InRange(n, 1, most));
                    Assert.Equal(tried.Distinct(), tried);
                }
            }
        }
    }

    [Fact]
    public void A_good_guess_takes_two_trials_and_a_bad_one_a_logarithm()
    {
        Assert.Equal([7, 6], Solve(new CountSearch(1, 1000, 7), n => n >= 7));
        Assert.Equal([1, 2, 4, 8, 16, 32, 24, 20, 18, 19], Solve(new CountSearch(1, 1000, 1), n => n >= 19));
        Assert.Equal([100, 99, 97, 93, 95, 94], Solve(new CountSearch(1, 1000, 100), n => n >= 95));
    }

    [Fact]
    public void An_empty_range_asks_nothing() => Assert.Equal(
        (null, null), (new CountSearch(3, 2, 3).Next, new CountSearch(3, 2, 3).Answer));

    [Fact]
    public void Counts_above_a_limit_are_neither_tried_nor_the_answer()
    {
        CountSearch search = new(1, 100, 50);
        search.Limit(20);
        Assert.All(Solve(search, n => n >= 18), n => Assert.InRange(n, 1, 20));
        Assert.Equal(18, search.Answer);

        CountSearch known = new(1, 100, 30);
        known.Tell(true);
        known.Limit(20);
        Assert.Equal([20], Solve(known, n => n >= 25));
        Assert.Null(known.Answer);
    }

    /// <summary>Bisection finds a count that is enough after one that is not; it cannot know of others.</summary>
    [Fact]
    public void Of_a_verdict_that_is_not_monotone_some_step_upwards_is_found()
    {
        bool IsEnough(int n) => n is 3 or >= 9;
        CountSearch search = new(1, 16, 12);
        Solve(search, IsEnough);
        Assert.True(IsEnough(search.Answer!.Value) && !IsEnough(search.Answer.Value - 1));
    }

    private static List<int> Solve(CountSearch search, Func<int, bool> isEnough)
    {
        List<int> tried = [];
        while (search.Next is { } next)
        {
            tried.Add(next);
            search.Tell(isEnough(next));
        }

        return tried;
    }
}
