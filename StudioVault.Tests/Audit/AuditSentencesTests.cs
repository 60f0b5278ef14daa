using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed partial class AuditSentencesTests
{
    [Fact]
    public void Every_verb_the_product_sends_has_a_plain_sentence()
    {
        var sent = new[] { "StudioVault.Infrastructure", "StudioVault.Web" }
            .SelectMany(p => Directory.EnumerateFiles(Path.Combine(Checkout.Root, p), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.EndsWith("AuditSentences.cs", StringComparison.Ordinal))
            .SelectMany(f => Verbs(File.ReadAllText(f))).Distinct().ToList();
        Assert.Contains("template.publish", sent);
        Assert.Contains("session.sign_in_demo", sent);
        // Missing here? Add the sentence in AuditSentences, so that the audit list can say what happened.
        Assert.DoesNotContain(sent, verb => AuditSentences.Find(verb) is null);
    }

    [Fact]
    public void Finds_verbs_in_every_way_of_sending_them() => Assert.Equal(["a.b", "c.d", "e.f", "g.h", "i.j"], Verbs("""
        new Command("a.b", from, scope)
        new("c.d", from, TenantScope.Hq, Access.Hq, "template", id)
        ChangeAsync(from, branch, id, "e.f", (project, now) => 1)
        EnterAsync(signIn, door, person!, "g.h", returnUrl, ct)
        OnPaperAsync<int>("i.j", from, branch)
        Log("not.one");
        """));

    [Fact]
    public void No_verb_stands_twice() => Assert.Equal(AuditSentences.All.Count, AuditSentences.All.Select(s => s.Action).Distinct().Count());

    [Theory]
    [InlineData("template.publish", """{"version":5}""", "published * version 5")]
    [InlineData("template.publish", "{}", "published *")]
    [InlineData("offer.snooze", """{"until":"2026-12-01"}""", "snoozed * until 1 Dec 2026")]
    [InlineData("offer.snooze", """{"until":"next version"}""", "snoozed * until the next version")]
    [InlineData("package.accept", """{"verdict":"partly_accepted"}""", "accepted part of *")]
    [InlineData("updates.pause", """{"until":{"after":"2026-12-01","before":null}}""", "paused all updates until 1 Dec 2026")]
    [InlineData("updates.pause", """{"until":{"after":null,"before":"2026-12-01"}}""", "ended the pause of updates")]
    [InlineData("blackout.add", """{"label":"Wedding season"}""", "added the blackout “Wedding season”")]
    [InlineData("never.seen", null, "never.seen on *")]
    public void What_was_done_is_told_with_the_values_of_the_payload(string action, string? payload, string sentence) =>
        Assert.Equal(sentence, Said(action, false, payload));

    [Fact]
    public void What_was_refused_was_only_tried() => Assert.Equal("tried to publish *", Said("template.publish", true, null));

    private static string Said(string action, bool refused, string? payload) =>
        string.Concat(AuditSentences.Say(action, refused, payload is null ? null : (JsonObject)JsonNode.Parse(payload)!, CultureInfo.InvariantCulture).Select(w => w.IsThing ? "*" : w.Text));

    private static IEnumerable<string> Verbs(string code) => Verb().Matches(code).Select(m => m.Groups[1].Value);

    /// <summary>A literal <c>"area.verb"</c> given to a command, or to a helper that makes one.</summary>
    [GeneratedRegex("""(?:\bCommand\(|\bnew\(|\b(?:Change|Enter|OnPaper|Run)Async(?:<[\w<>(), ?]+>)?\((?:[\w!]+, )*)"([a-z]+\.[a-z_]+)",""")]
    private static partial Regex Verb();
}
