using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>A branch from nothing to its first package, and what of it can still be corrected.</summary>
public sealed class BranchOpeningTests(PostgresServer server) : PackagesTest(server)
{
    private static readonly BranchProfile Ghent = new("ghent", "Northlight Ghent", "Ghent", "BE", "EUR", "Europe/Brussels", Ownership.Independent, "EU", "BTW", 21m, "ghent@northlight.example");

    private BranchCommands Branches => new(Door);

    [Fact]
    public async Task A_branch_opened_gets_a_manager_is_offered_a_template_and_sells_it()
    {
        var ghent = (await Branches.OpenAsync(Hq, Ghent with { Name = "  Northlight Ghent ", Country = "be", Currency = "eur" }, Ct)).Value;
        Assert.Equal(Ghent, (await LookAsync()).Facts);
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        var people = new PeopleCommands(Door, Dbs, passwords, new DemoMode(false));
        var made = (await people.AddAsync(Hq, new("Lies", "", "lies@northlight.example", false, new Dictionary<BranchId, Role> { [ghent] = Role.BranchManager }), Ct)).Value;
        Assert.Null((await people.ChoosePasswordAsync(made.Link!.Token, "seven quiet lanterns", Ct)).Refusal);
        var lies = Sender.Person(made.Id, (string)(await SqlAsync("select security_stamp from organization.people where id = $1", made.Id.Value))!);

        Assert.False((await LookAsync()).InUse);
        await PublishAsync(WeddingContent(), "The first one.");
        Assert.True((await LookAsync()).InUse);
        Assert.Null((await AcceptAsync(lies, ghent)).Refusal);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.branch_packages where branch_id = $1", ghent.Value));
        Assert.Equal("branch.open", await SqlAsync("select action from audit.entries where object_type = 'branch' and object_id = $1 and outcome = 'done'", ghent.ToString()));
    }

    [Fact]
    public async Task A_version_published_before_the_branch_opened_is_offered_to_it_by_a_wave()
    {
        await PublishAsync(WeddingContent(), "The first one.");
        var ghent = (await Branches.OpenAsync(Hq, Ghent, Ct)).Value;
        Assert.Equal(0L, await SqlAsync("select count(*) from packages.update_offers where branch_id = $1", ghent.Value));
        Assert.Null((await Waves.RunAsync(Hq, Wedding, 1, "Ghent", [ghent], Ct)).Refusal);
        Assert.Equal(1L, await SqlAsync("select count(*) from packages.update_offers where branch_id = $1", ghent.Value));
    }

    [Theory]
    [InlineData("name", "", "refuse.organization.branch_name_missing")]
    [InlineData("slug", "Ghent!", "refuse.organization.branch_slug_malformed")]
    [InlineData("slug", "new", "refuse.organization.branch_slug_malformed")]
    [InlineData("slug", "porto", "refuse.organization.branch_slug_taken")]
    [InlineData("city", " ", "refuse.organization.branch_city_missing")]
    [InlineData("country", "Belgium", "refuse.organization.country_unknown")]
    [InlineData("currency", "€", "refuse.organization.currency_unknown")]
    [InlineData("timeZone", "Europe/Atlantis", "refuse.organization.time_zone_unknown")]
    [InlineData("timeZone", "W. Europe Standard Time", "refuse.organization.time_zone_unknown")]
    [InlineData("jurisdiction", "MARS", "refuse.organization.law_unknown")]
    [InlineData("taxName", "", "refuse.organization.tax_name_missing")]
    [InlineData("taxRatePercent", "100", "refuse.organization.tax_rate_outside")]
    [InlineData("taxRatePercent", "-1", "refuse.organization.tax_rate_outside")]
    [InlineData("contactEmail", "ghent", "refuse.organization.mail_malformed")]
    public async Task What_makes_no_branch_is_refused_at_its_field(string field, string value, string code)
    {
        var refusal = (await Branches.OpenAsync(Hq, With(field, value), Ct)).Refusal;
        Assert.Equal((code, field), (refusal?.Code, refusal?.Path));
        Assert.Equal(2L, await SqlAsync("select count(*) from organization.branches"));
    }

    [Fact]
    public async Task Nobody_but_headquarters_opens_or_changes_a_branch()
    {
        Assert.Equal("refuse.kernel.not_allowed", (await Branches.OpenAsync(Ana, Ghent, Ct)).Refusal?.Code);
        var ghent = (await Branches.OpenAsync(Hq, Ghent, Ct)).Value;
        Assert.Equal("refuse.kernel.not_allowed", (await Branches.ChangeAsync(Ana, ghent, Ghent, Ghent with { Name = "Ours" }, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Everything_but_the_short_name_is_corrected_until_something_rests_on_it_and_then_name_city_and_contact_alone()
    {
        var ghent = (await Branches.OpenAsync(Hq, Ghent, Ct)).Value;
        Assert.Equal((BranchRefusals.Fixed.Code, "slug"), Refused(await Branches.ChangeAsync(Hq, ghent, Ghent, Ghent with { Slug = "gent" }, Ct)));
        var right = Ghent with { Currency = "GBP", TimeZone = "Europe/London", Jurisdiction = "UK", TaxName = "VAT", TaxRatePercent = 20m, Country = "GB", Ownership = Ownership.Company };
        Assert.Null((await Branches.ChangeAsync(Hq, ghent, Ghent, right, Ct)).Refusal);
        Assert.Equal(right, (await LookAsync()).Facts);
        Assert.Equal(KernelRefusals.StaleWrite.Code, (await Branches.ChangeAsync(Hq, ghent, Ghent, Ghent with { Name = "Another" }, Ct)).Refusal?.Code);

        Assert.Null((await Branches.ChangeAsync(Hq, ghent, right, Ghent, Ct)).Refusal);
        await PublishAsync(WeddingContent(), "The first one.");
        foreach (var (field, value) in new[] { ("country", "NL"), ("currency", "GBP"), ("timeZone", "Europe/London"), ("jurisdiction", "UK"), ("taxName", "VAT"), ("taxRatePercent", "20") })
            Assert.Equal((BranchRefusals.Fixed.Code, field), Refused(await Branches.ChangeAsync(Hq, ghent, Ghent, With(field, value), Ct)));
        Assert.Equal((BranchRefusals.Fixed.Code, "ownership"), Refused(await Branches.ChangeAsync(Hq, ghent, Ghent, Ghent with { Ownership = Ownership.Company }, Ct)));
        var moved = Ghent with { Name = "Northlight Gent", City = "Gent", ContactEmail = "gent@northlight.example" };
        Assert.Null((await Branches.ChangeAsync(Hq, ghent, Ghent, moved, Ct)).Refusal);
        Assert.Equal(moved, (await LookAsync()).Facts);
    }

    private static (string?, string?) Refused<T>(Result<T> result) => (result.Refusal?.Code, result.Refusal?.Path);

    private static BranchProfile With(string field, string value) => field switch
    {
        "name" => Ghent with { Name = value },
        "slug" => Ghent with { Slug = value },
        "city" => Ghent with { City = value },
        "country" => Ghent with { Country = value },
        "currency" => Ghent with { Currency = value },
        "timeZone" => Ghent with { TimeZone = value },
        "jurisdiction" => Ghent with { Jurisdiction = value },
        "taxName" => Ghent with { TaxName = value },
        "taxRatePercent" => Ghent with { TaxRatePercent = decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture) },
        _ => Ghent with { ContactEmail = value },
    };

    private async Task<(BranchProfile Facts, bool InUse)> LookAsync()
    {
        var look = (await new BranchQueries(Door).LookAsync(Hq, "ghent", Ct)).Value;
        var b = look.Branch;
        return (new(b.Slug, b.Name, b.City, b.Country, b.Currency, b.TimeZone, b.Ownership, b.Jurisdiction, b.TaxName, b.TaxRatePercent, look.ContactEmail), look.IsInUse);
    }
}
