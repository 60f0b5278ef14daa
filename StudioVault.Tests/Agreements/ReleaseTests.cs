using System.Net;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>Image releases: asked by the studio, decided and taken back behind the client's link.</summary>
public sealed class ReleaseTests(PostgresServer server) : ClientPagesTest(server)
{
    [Fact]
    public async Task Each_purpose_is_decided_by_itself_sealed_and_taken_back_for_good()
    {
        var id = await ExecutedAsync();
        Assert.Null((await Releases.AskAsync(PortoStaff, Porto, id, "p1", ReleasePurposes.Usual, "Names are **not** shown.", Ct)).Refusal);
        var link = await LinkAsync(id, "p1");
        Assert.Contains($"https://vault.example{AddressOf(link)}/pictures", (await LastLetterAsync(link)).Text, StringComparison.Ordinal);
        Assert.Contains("/pictures\"", await PageAsync(AddressOf(link)), StringComparison.Ordinal);
        var form = await PageAsync(AddressOf(link) + "/pictures");
        Assert.DoesNotContain("<script", form, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("checked", form, StringComparison.Ordinal);

        using (var half = await PressAsync(form, "give", ("name", "Marta Sousa"), ("purpose-portfolio", "yes"), ("purpose-advertising", "no")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, half.StatusCode);
            var said = await half.Content.ReadAsStringAsync(Ct);
            Assert.Contains("refuse.release.not_decided", said, StringComparison.Ordinal);
            Assert.Contains("value=\"Marta Sousa\"", said, StringComparison.Ordinal);
        }

        using (var given = await PressAsync(form, "give", ("name", "Marta Sousa"), ("purpose-portfolio", "yes"), ("purpose-advertising", "yes"), ("purpose-ai_training", "no")))
            Assert.EndsWith("/pictures", Redirected(given), StringComparison.Ordinal);
        // Sent twice, it is decided once.
        using (var twice = await PressAsync(form, "give", ("name", "Marta Sousa"), ("purpose-portfolio", "no"), ("purpose-advertising", "no"), ("purpose-ai_training", "yes")))
            Assert.Equal(HttpStatusCode.SeeOther, twice.StatusCode);
        var view = Assert.Single((await Releases.OfAsync(PortoStaff, Porto, id, Ct)).Value);
        Assert.Equal((ReleaseState.Given, "portfolio advertising"), (view.State, string.Join(' ', view.Allowed)));

        await Soon.DrainAsync(Ct);
        var decided = await PageAsync(AddressOf(link) + "/pictures");
        using (var pdf = await Http.GetAsync($"{AddressOf(link)}/pictures/{view.Id}.pdf", Ct))
            Assert.Equal(("application/pdf", true), (pdf.Content.Headers.ContentType?.MediaType, pdf.Content.Headers.ContentDisposition?.FileName?.StartsWith("image-release-porto-", StringComparison.Ordinal)));
        Assert.Equal(1L, await SqlAsync("select count(*) from documents.fingerprints where kind = 'release'"));
        using (var back = await PressAsync(decided, "back")) decided = await PageAsync(Redirected(back));
        Assert.Contains("Taken back on", decided, StringComparison.Ordinal);
        Assert.Contains("Portfolio", (await LastLetterAsync(link)).Text, StringComparison.Ordinal);
        Assert.Equal("advertising", string.Join(' ', Assert.Single((await Releases.OfAsync(PortoStaff, Porto, id, Ct)).Value).Allowed));
        Assert.Equal("refuse.release.not_allowed", (await Releases.TakeBackAsync(link, view.Id, "ai_training", Ct)).Refusal!.Code);
        Assert.Null((await Releases.TakeBackAsync(link, view.Id, "portfolio", Ct)).Refusal);
        Assert.Equal(1L, await SqlAsync("select count(*) from agreements.release_withdrawals"));
        foreach (var sql in new[] { "update agreements.release_withdrawals set purpose = 'x'", "delete from agreements.release_withdrawals", "update agreements.releases set content_hash = 'x'" })
            Assert.Matches("^SV00[0-9]$", (await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(sql))).SqlState);
    }

    [Fact]
    public async Task A_permission_ends_by_itself_after_its_last_day()
    {
        var id = await ExecutedAsync();
        var link = await LinkAsync(id, "p1");
        var (past, future) = (ReleasePurposes.Portfolio with { Until = new DateOnly(2020, 1, 1) }, ReleasePurposes.Advertising with { Until = new DateOnly(2098, 1, 1) });
        var release = (await Releases.AskAsync(PortoStaff, Porto, id, "p1", [past, future], "", Ct)).Value;
        Assert.Null((await Releases.GiveAsync(link, release, new("Marta Sousa", new Dictionary<string, bool> { ["portfolio"] = true, ["advertising"] = true }, "", ""), Ct)).Refusal);
        Assert.Equal(["advertising"], Assert.Single((await Releases.MineAsync(link, Ct)).Value).Allowed);
        Assert.Contains("Was allowed until 1 January 2020.", await PageAsync(AddressOf(link) + "/pictures"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_is_nobody_elses_to_see_or_decide_and_a_guardian_decides_for_a_minor()
    {
        var id = await ExecutedAsync(Marta with { IsMinor = true, Email = "" }, Joao with { Role = PartyRole.Guardian, SignsFor = 0 }, new(null, "Rosa Sousa", "rosa@sousa.example", PartyRole.Payer));
        Assert.Equal("refuse.release.not_a_signatory", (await Releases.AskAsync(PortoStaff, Porto, id, "p1", ReleasePurposes.Usual, "", Ct)).Refusal!.Code);
        Assert.Equal("refuse.release.not_a_signatory", (await Releases.AskAsync(PortoStaff, Porto, id, "p3", ReleasePurposes.Usual, "", Ct)).Refusal!.Code);
        Assert.Equal("refuse.release.no_purpose", (await Releases.AskAsync(PortoStaff, Porto, id, "p2", [], "", Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Releases.AskAsync(BerlinManager, Porto, id, "p2", ReleasePurposes.Usual, "", Ct)).Refusal!.Code);
        var release = (await Releases.AskAsync(PortoStaff, Porto, id, "p2", ReleasePurposes.Usual, "", Ct)).Value;
        var (guardian, payer) = (await LinkAsync(id, "p2"), await LinkAsync(id, "p3"));
        Assert.Contains("You decide for Marta Sousa.", await PageAsync(AddressOf(guardian) + "/pictures"), StringComparison.Ordinal);
        Assert.Empty((await Releases.MineAsync(payer, Ct)).Value);
        var all = ReleasePurposes.Usual.ToDictionary(p => p.Id, _ => true);
        Assert.Equal("refuse.kernel.not_found", (await Releases.GiveAsync(payer, release, new("Rosa Sousa", all, "", ""), Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Releases.FileAsync(payer, release, Ct)).Refusal!.Code);
        Assert.Equal("refuse.signing.name_missing", (await Releases.GiveAsync(guardian, release, new(" ", all, "", ""), Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Before_there_is_an_agreement_nothing_is_asked_and_without_Chromium_the_document_follows()
    {
        var sent = await SentAsync();
        Assert.Equal("refuse.agreement.not_in_force", (await Releases.AskAsync(PortoStaff, Porto, sent, "p1", ReleasePurposes.Usual, "", Ct)).Refusal!.Code);
        foreach (var party in new[] { "p1", "p2" }) await SignAsync(await LinkAsync(sent, party), "Typed name");
        await Soon.DrainAsync(Ct);
        var link = await LinkAsync(sent, "p1");
        var release = (await Releases.AskAsync(PortoStaff, Porto, sent, "p1", ReleasePurposes.Usual, "", Ct)).Value;
        PaperPrinter.Away = Domain.Documents.DocumentRefusals.PrinterUnavailable;
        Assert.Null((await Releases.GiveAsync(link, release, new("Marta", ReleasePurposes.Usual.ToDictionary(p => p.Id, _ => false), "", ""), Ct)).Refusal);
        await Soon.DrainAsync(Ct);
        PaperPrinter.Away = null;
        Assert.True((await ReleasePapers.RunAsync(Sender.System("agreements.releases"), Ct)).Value.DidSomething);
        Assert.False((await ReleasePapers.RunAsync(Sender.System("agreements.releases"), Ct)).Value.DidSomething);
        Assert.Empty(Assert.Single((await Releases.MineAsync(link, Ct)).Value).Allowed);
    }
}
