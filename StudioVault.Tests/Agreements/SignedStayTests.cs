using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>
/// "0 signed agreements affected" (features row 1.7) is a measurement: it is not 0 when something moves. The database is made to do what
/// no code of ours does: a hidden trigger that rewrites sealed content when a version is published or an update is accepted.
/// </summary>
public sealed class SignedStayTests(PostgresServer server) : ExecutedTest(server)
{
    [Fact]
    public async Task Publishing_touches_no_signed_agreement_and_a_publish_that_would_cannot_be_made()
    {
        await ExecutedAsync(Marta);
        var order = await DraftAsync();
        var report = (await Blast.ComputeAsync(Hq, order, null, Ct)).Value;
        Assert.True(report.SignedAgreements >= 2, "the signature and the sealed paper are looked at");
        Assert.Equal((0, 0, true), (report.SignedChanged, report.PinsMoved, report.IsHarmless));

        await TamperOnAsync("packages.template_versions");
        var harmful = (await Blast.ComputeAsync(Hq, order, null, Ct)).Value;
        Assert.Equal((1, false), (harmful.SignedChanged, harmful.IsHarmless));
        Assert.Null(harmful.Digest);
        Assert.Equal(PublishRefusals.RadiusMissing.Code, (await Publish.RunAsync(Hq, order with { RadiusDigest = harmful.Digest }, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Accepting_touches_no_signed_agreement_and_the_review_would_say_so_if_it_did()
    {
        await ExecutedAsync(Marta);
        var order = await DraftAsync();
        Assert.Null((await RunPublishAsync(order)).Refusal);
        var offer = await OpenOfferAsync(Porto);
        var entries = await SqlAsync("select count(*) from audit.entries");
        var measured = (await Decide.RehearseAsync(PortoStaff, Porto, offer, Ct)).Value;
        Assert.True(measured.SignedAgreements >= 2);
        Assert.Equal((0, 0), (measured.SignedChanged, measured.PinsMoved));

        await TamperOnAsync("packages.package_revisions");
        Assert.Equal(1, (await Decide.RehearseAsync(Ana, Porto, offer, Ct)).Value.SignedChanged);
        // Nothing of it stays, and it is nobody's look at the offer.
        Assert.Equal(entries, await SqlAsync("select count(*) from audit.entries"));
        Assert.Equal("Offered", await SqlAsync("select state from packages.update_offers where id = $1", offer.Value));
        Assert.Equal(KernelRefusals.NotFound.Code, (await Decide.RehearseAsync(BerlinManager, Berlin, offer, Ct)).Refusal?.Code);
    }

    private async Task<PublishOrder> DraftAsync()
    {
        var content = WeddingContent();
        content["turnaroundDays"] = 30;
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var saved = (await Drafts.SaveAsync(Hq, Wedding, draft.Revision, content.ToJsonString(), "Quicker.", Ct)).Value;
        return new PublishOrder(Wedding, saved.Revision, "Quicker.", ChangeClass.Major, null, null, "test", draft.LatestVersion + 1);
    }

    private async Task TamperOnAsync(string table) => await SqlAsync($"""
        create function public.tamper() returns trigger language plpgsql security definer as $$ begin
          perform set_config('session_replication_role', 'replica', true);
          update agreements.sealed_papers set content = content || '\x00'::bytea;
          perform set_config('session_replication_role', 'origin', true);
          return new;
        end $$;
        create trigger tamper after insert on {table} for each row execute function public.tamper();
        """);
}
