using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using StudioVault.Web.Audit;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>Proposals as the log shows them: by what they would do, by band, and with the way to the queue for those who work there.</summary>
public sealed class AuditOfProposalsTests(PostgresServer server) : ProposalsTest(server)
{
    private AuditQueries Log => new(Door, Registry);

    [Fact]
    public async Task A_band_finds_the_entries_of_its_proposals_and_no_others()
    {
        var amber = await SubmitAsync("test.amber");
        var red = await SubmitAsync("test.red");
        foreach (var (band, only) in new[] { (Band.Amber, amber), (Band.Red, red) })
        {
            var found = (await Log.PageAsync(new AuditReader(Hq, null), new AuditFilter { Band = band }, AuditCursor.Newest, Ct)).Value.Lines;
            Assert.NotEmpty(found);
            Assert.All(found, l => Assert.Equal(("proposal", only.ToString()), (l.Thing.Type, l.Thing.Id)));
        }

        Assert.Empty((await Log.PageAsync(new AuditReader(Ana, Porto), new AuditFilter { Band = Band.Black }, AuditCursor.Newest, Ct)).Value.Lines);
        Assert.Empty((await Log.PageAsync(new AuditReader(BerlinManager, Berlin), new AuditFilter { Band = Band.Red }, AuditCursor.Newest, Ct)).Value.Lines);
    }

    [Fact]
    public async Task A_proposal_is_named_by_what_it_would_do_and_leads_to_the_queue_of_its_branch_alone()
    {
        var id = await SubmitAsync("test.amber");
        var line = (await Log.PageAsync(new AuditReader(Ana, Porto), new AuditFilter { ProposalId = id.ToString() }, AuditCursor.Newest, Ct)).Value.Lines[^1];
        Assert.Contains(Registry.All.Single(d => d.Name == "test.amber").Title, AuditText.Sentence(line), StringComparison.Ordinal);
        Assert.Equal($"/queue/{id}", AuditText.HrefOf(line, isHq: false));
        Assert.Null(AuditText.HrefOf(line, isHq: true));
    }

    [Fact]
    public async Task What_can_be_filtered_by_holds_every_capability_in_plain_words()
    {
        var choices = (await Log.ChoicesAsync(new AuditReader(Ana, Porto), Ct)).Value;
        Assert.Equal(Registry.All.Select(d => (d.Name, d.Title)).Order(), choices.Capabilities.Select(c => (c.Name, c.Title)).Order());
    }

    [Fact]
    public void The_band_stands_in_the_address()
    {
        var address = AuditAddress.Of("/audit?band=RED&capability=test.red");
        Assert.Equal(("red", 2), (address.Band, address.Conditions));
        Assert.Equal(Band.Red, address.ToFilter("UTC", [])!.Band);
        Assert.Contains("band=red", address.Href, StringComparison.Ordinal);
        Assert.Null(AuditAddress.Of("/audit?band=7").Band);
        Assert.Null(AuditAddress.Of("/audit?band=purple").Band);
    }

    private async Task<ProposalId> SubmitAsync(string capability) => (await ProposeAsync(PortoStaff, capability)).Id;
}
