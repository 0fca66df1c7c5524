using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class FinishReasonTests
{
    [Theory]
    [InlineData("stop", FinalOutcome.Completed)]
    [InlineData("length", FinalOutcome.Completed)]
    [InlineData("refused:too_long", FinalOutcome.Refused)]
    [InlineData("refused:queue_full", FinalOutcome.Refused)]
    [InlineData("aborted", FinalOutcome.Aborted)]
    [InlineData("aborted:ttft_timeout", FinalOutcome.Aborted)]
    [InlineData("lost", FinalOutcome.Lost)]
    [InlineData("unfinished", FinalOutcome.Unfinished)]
    public void A_finish_reason_tells_the_outcome(string reason, FinalOutcome outcome)
    {
        Assert.Equal(outcome, FinishReason.OutcomeOf(reason));
    }

    [Fact]
    public void A_word_that_is_no_finish_reason_is_a_bug()
    {
        Assert.Throws<InvariantException>(() => FinishReason.OutcomeOf("done"));
    }
}
