using StudioVault.Infrastructure.Mail;
using Xunit;

namespace StudioVault.Tests.Mail;

public sealed class MailServerTests
{
    [Theory]
    [InlineData("post@example.org", true)]
    [InlineData("Northlight <post@example.org>", true)]
    [InlineData("Northlight", false)]
    [InlineData("Northlight <post@example.org", false)]
    public void Knows_a_sender_when_it_sees_one(string text, bool isSender) => Assert.Equal(isSender, MailServer.IsSender(text));

    /// <summary>An exception would have the mail tried again for ever.</summary>
    [Fact]
    public async Task Refuses_an_address_that_is_none_for_good()
    {
        var server = new MailServer(new("127.0.0.1", 9, false, null, null, "Northlight <post@northlight.example>"));
        var (fate, problem) = await server.HandOverAsync(new Letter("no address", "Marta", "Good day"), "Your link", TestContext.Current.CancellationToken);
        Assert.Equal(MailFate.Refused, fate);
        Assert.NotNull(problem);
    }
}
