using System.Globalization;
using Bunit;
using StudioVault.Domain.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Organization.Branches;
using StudioVault.Web.Organization.People;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Organization;

/// <summary>Headquarters adds, changes and ends accounts, and opens branches, on its pages.</summary>
public sealed class PeoplePagesTests(PostgresServer server) : PageTest(server)
{
    [Fact]
    public async Task Somebody_is_added_and_their_link_is_shown_once()
    {
        var page = Open<PeoplePage>(Hq, "/hq/people");
        Press(page, "Add a person…");
        Type(page, "#person-name", "Olga Neves");
        Type(page, "#person-email", "olga@northlight.example");
        page.WaitForElement("#person-branch").Change(Porto.ToString());
        page.WaitForAssertion(() => Assert.Equal("Northlight Porto", Said(page.Find(".person-roles span"))));
        Change(page, ".person-roles select", nameof(Role.BranchManager));
        Submit(page, ".rz-dialog form");
        var link = page.WaitForElement("#password-link").GetAttribute("value")!;
        Assert.Matches("^http://localhost/password/[A-Za-z0-9_-]{43}$", link);
        Assert.True(page.Find(".rz-dialog .btn-primary[disabled]").HasAttribute("disabled"));
        Change(page, ".rz-dialog input[type=checkbox]", true);
        Press(page, "Done, never show it again");
        Shows(page, "They have not chosen a password yet");
        Assert.DoesNotContain(link, page.Markup, StringComparison.Ordinal);
        Assert.Equal("BranchManager", await SqlAsync("select m.role from organization.memberships m join organization.people p on p.id = m.person_id where p.email = 'olga@northlight.example'"));
    }

    [Fact]
    public async Task A_link_into_headquarters_is_asked_for_by_one_administrator_and_made_by_another()
    {
        await PastGuardsAsync("update organization.people set password_hash = 'x' where name = 'Helena'");
        var page = Open<PeoplePage>(Hq, "/hq/people");
        Press(page, "Add a person…");
        Type(page, "#person-name", "Otto");
        Type(page, "#person-email", "otto@northlight.example");
        Change(page, ".rz-dialog input[type=radio]", true);
        Shows(page, "another administrator makes the password link");
        Submit(page, ".rz-dialog form");
        Shows(page, "Waiting for a second administrator of headquarters");
        Assert.Empty(page.FindAll("#password-link"));
        Assert.DoesNotContain(page.FindAll("button"), b => Said(b) is "Make the link…" or "New password link…");
        Press(page, "Take it back");
        page.WaitForAssertion(() => Assert.Contains(page.FindAll("button"), b => Said(b) == "Ask for a password link…"));

        // The server lets the second one in.
        var otto = (Guid)(await PastGuardsAsync("update organization.people set password_hash = 'x' where name = 'Otto' returning id"))!;
        var sender = Infrastructure.Door.Sender.Person(new(otto), (string)(await SqlAsync("select security_stamp from organization.people where id = $1", otto))!);
        var vera = (Guid)(await PastGuardsAsync("""
            with made as (insert into organization.people (id, name, title, is_disabled, is_demo, user_name, normalized_user_name, email, normalized_email, email_confirmed, security_stamp, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count)
                select gen_random_uuid(), 'Vera', '', false, false, 'v', 'V', 'v', 'V', true, 'v', false, false, true, 0 returning id)
            select id from made
            """))!;
        await PastGuardsAsync($"insert into organization.memberships (id, person_id, role) values (gen_random_uuid(), '{vera}', 'HqAdmin')");
        var asking = Open<PeoplePage>(Hq, $"/hq/people?person={vera}");
        Press(asking, "Ask for a password link…");
        Type(asking, ".rz-dialog textarea", "She forgot it");
        Press(asking, "Ask for the link");
        Shows(asking, "Waiting for a second administrator of headquarters");
        var answering = Open<PeoplePage>(sender, $"/hq/people?person={vera}");
        Shows(answering, "Helena asked for a password link");
        Shows(answering, "She forgot it");
        Press(answering, "Make the link…");
        Press(answering, "Make the link");
        Assert.Matches("^http://localhost/password/[A-Za-z0-9_-]{43}$", answering.WaitForElement("#password-link").GetAttribute("value")!);
    }

    [Fact]
    public async Task What_is_wrong_with_a_new_account_stands_at_its_field_and_nothing_typed_is_lost()
    {
        var page = Open<PeoplePage>(Hq, "/hq/people");
        Press(page, "Add a person…");
        Type(page, "#person-name", "Another Ana");
        Type(page, "#person-email", "ana@northlight.example");
        Submit(page, ".rz-dialog form");
        page.WaitForAssertion(() => Assert.Contains("without a role", page.Find("#person-roles-error").TextContent, StringComparison.Ordinal));
        Change(page, "#person-branch", Berlin.ToString());
        Submit(page, ".rz-dialog form");
        page.WaitForAssertion(() => Assert.Contains("already", page.Find("#person-email-error").TextContent, StringComparison.Ordinal));
        Assert.Equal("true", page.Find("#person-email").GetAttribute("aria-invalid"));
        Assert.Equal("Another Ana", page.Find("#person-name").GetAttribute("value"));
        Assert.Equal(5L, await SqlAsync("select count(*) from organization.people"));
    }

    [Fact]
    public async Task A_right_taken_away_is_told_before_and_taken()
    {
        var page = Open<PeoplePage>(Hq, $"/hq/people?person={Rui.PersonId}");
        Press(page, "Change…");
        page.WaitForElement(".person-roles select").Change(nameof(Role.Staff));
        Shows(page, "signed out everywhere at once");
        Submit(page, ".rz-dialog form");
        page.WaitForAssertion(() => Assert.Contains("Northlight Porto, staff", Said(page.Find(".person")), StringComparison.Ordinal));
        Assert.Equal("Staff", await SqlAsync("select role from organization.memberships where person_id = $1", Rui.PersonId!.Value.Value));
    }

    [Fact]
    public async Task An_account_is_switched_off_and_on_with_a_reason()
    {
        var page = Open<PeoplePage>(Hq, $"/hq/people?person={Rui.PersonId}");
        Press(page, "Switch off…");
        Type(page, ".rz-dialog textarea", "He left");
        Press(page, "Switch the account off");
        Shows(page, "Switched off: nobody can sign in with it");
        Assert.Equal(true, await SqlAsync("select is_disabled from organization.people where id = $1", Rui.PersonId!.Value.Value));
        Press(page, "Switch on…");
        Type(page, ".rz-dialog textarea", "He is back");
        Press(page, "Switch the account on");
        page.WaitForAssertion(() => Assert.Contains(page.FindAll("button"), b => Said(b) == "Switch off…"));
    }

    [Fact]
    public void Nobody_is_offered_to_switch_themselves_off()
    {
        var page = Open<PeoplePage>(Hq, $"/hq/people?person={Hq.PersonId}");
        Shows(page, "This is you");
        Assert.DoesNotContain(page.FindAll("button"), b => Said(b) == "Switch off…");
    }

    [Fact]
    public async Task A_branch_is_opened_with_a_rate_written_as_people_write_it()
    {
        var page = Open<BranchFormPage>(Hq, "/hq/branches/new");
        foreach (var (field, text) in new[] { ("#branch-name", "Northlight Ghent"), ("#branch-city", "Ghent"), ("#branch-mail", "ghent@northlight.example"), ("#branch-country", "be"), ("#branch-currency", "eur"), ("#branch-zone", "Europe/Atlantis"), ("#branch-tax", "BTW"), ("#branch-rate", "21,5") })
            Type(page, field, text);
        Submit(page, "form");
        page.WaitForAssertion(() => Assert.Contains("no such time zone", page.Find("#branch-zone-error").TextContent, StringComparison.Ordinal));
        Type(page, "#branch-zone", "Europe/Brussels");
        Submit(page, "form");
        Arrives(page, "/hq/branches/northlight-ghent$");
        Assert.Equal("BE EUR 21.5", await SqlAsync("select country || ' ' || currency || ' ' || trim_scale(tax_rate_percent) from organization.branches where slug = 'northlight-ghent'"));
    }

    [Theory]
    [InlineData("2e1")]
    [InlineData("1.000,5")]
    [InlineData("many")]
    public async Task A_rate_nobody_can_be_sure_of_is_asked_for_again(string rate)
    {
        var page = Open<BranchFormPage>(Hq, "/hq/branches/new");
        Type(page, "#branch-rate", rate);
        Submit(page, "form");
        page.WaitForAssertion(() => Assert.Contains("rate of tax", page.Find("#branch-rate-error").TextContent, StringComparison.Ordinal));
        Assert.Equal(2L, await SqlAsync("select count(*) from organization.branches"));
    }

    [Fact]
    public async Task A_branch_that_nothing_rests_on_is_corrected_on_the_same_form()
    {
        var page = Open<BranchFormPage>(Hq, "/hq/branches/porto/edit", ("Slug", "porto"));
        Shows(page, "everything but the short name can still be corrected");
        Assert.Equal(23m.ToString(CultureInfo.InvariantCulture), page.Find("#branch-rate").GetAttribute("value"));
        Type(page, "#branch-name", "Northlight Oporto");
        Submit(page, "form");
        Arrives(page, "/hq/branches/porto$");
        Assert.Equal("Northlight Oporto", await SqlAsync("select name from organization.branches where slug = 'porto'"));
    }

    [Fact]
    public void Somebody_of_a_branch_who_forces_these_addresses_is_refused_by_the_service()
    {
        Shows(Open<PeoplePage>(Ana, "/hq/people"), "refuse.kernel.not_allowed");
        var page = Open<BranchFormPage>(Ana, "/hq/branches/porto/edit", ("Slug", "porto"));
        Shows(page, "refuse.kernel.not_allowed");
        Assert.Empty(page.FindAll("form"));
    }
}
