using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Kernel;

public sealed class CheckTests
{
    [Fact]
    public void A_check_that_fails_says_the_numbers()
    {
        int used = 7;
        Assert.Equal(
            "7 blocks", Assert.Throws<InvariantException>(() => Check.That(used < 5, $"{used} blocks")).Message);
        Assert.Equal("no", Assert.Throws<InvariantException>(() => Check.That(used < 5, "no")).Message);
    }

    [Fact]
    public void The_message_of_a_check_that_holds_is_not_built()
    {
        Check.That(true, $"{Explode()}");

        static string Explode() => throw new InvalidOperationException();
    }
}
