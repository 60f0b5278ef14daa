using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

internal sealed class OrganizationConfiguration :
    IEntityTypeConfiguration<Branch>, IEntityTypeConfiguration<Blackout>, IEntityTypeConfiguration<Membership>,
    IEntityTypeConfiguration<Person>, IEntityTypeConfiguration<EndedSession>, IEntityTypeConfiguration<DataProtectionKey>,
    IEntityTypeConfiguration<IdentityUserClaim<Guid>>, IEntityTypeConfiguration<IdentityUserLogin<Guid>>,
    IEntityTypeConfiguration<IdentityUserToken<Guid>>
{
    private const string Schema = "organization";

    private static readonly string SignIn = RowRule.Any(RowRule.Hq, RowRule.Visitor);

    public void Configure(EntityTypeBuilder<Branch> e)
    {
        // Every branch knows the others' names; nobody deletes one.
        e.ToTable("branches", Schema, t => t.HasCheckConstraint("ck_branches_booking", "(online_booking_paused_until is null) = (online_booking_pause_reason is null)")).Governed().Rows(new RowAccess(RowRule.Everyone, Insert: RowRule.Hq, Update: RowRule.Any(RowRule.Own("id"), RowRule.Hq), Delete: null)).Pinned(nameof(Branch.Id));
        e.HasKey(b => b.Id);
        e.Property(b => b.Id).ValueGeneratedNever();
        e.HasIndex(b => b.Slug).IsUnique();
        e.Property(b => b.Currency).HasMaxLength(3);
        e.Property(b => b.Country).HasMaxLength(2);
        e.Property(b => b.OnlineBookingPauseReason).HasMaxLength(Branch.LongestPauseReason);
        e.Property<uint>("Version").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<Blackout> e)
    {
        e.ToTable("blackouts", Schema, t => t.HasCheckConstraint("ck_blackouts_order", "starts_on <= ends_on")).Governed();
        e.HasKey(b => new { b.BranchId, b.Id });
        e.HasOne<Branch>().WithMany().HasForeignKey(b => b.BranchId);
    }

    public void Configure(EntityTypeBuilder<Membership> e)
    {
        e.ToTable("memberships", Schema, t => t.HasCheckConstraint("ck_memberships_hq", "(role = 'HqAdmin') = (branch_id is null)")).Governed()
            .Rows(new RowAccess(RowRule.Any(RowRule.Own(), RowRule.OfGroup(), RowRule.Hq, RowRule.Visitor), RowRule.Hq));
        e.HasKey(m => m.Id);
        e.HasIndex(m => new { m.PersonId, m.BranchId }).IsUnique().AreNullsDistinct(false);
        e.HasOne<Branch>().WithMany().HasForeignKey(m => m.BranchId);
    }

    public void Configure(EntityTypeBuilder<Person> e)
    {
        // A branch sees its own people and HQ's; addresses and password hashes of all others stay out of its reach.
        e.ToTable("people", Schema).Governed(but: [nameof(Person.AccessFailedCount), nameof(Person.LockoutEnd), nameof(Person.ConfirmFailedCount)]).Rows(new RowAccess(RowRule.Any("id in (select m.person_id from organization.memberships m)", RowRule.Hq, RowRule.Visitor), SignIn));
        e.Ignore(p => p.PersonId);
        e.Ignore(p => p.Human);
        e.Property(p => p.Name).HasMaxLength(120);
        e.Property(p => p.Title).HasMaxLength(120);
        e.Property(p => p.LinkReason).HasMaxLength(Reasons.Longest);
        e.Property(p => p.PasswordLinkSha256).HasMaxLength(64);
        e.HasIndex(p => p.PasswordLinkSha256).IsUnique().HasFilter("password_link_sha256 is not null");
        // Asked with every command: which other accounts are the same human's.
        e.HasIndex(p => p.HumanId).HasFilter("human_id is not null");
    }

    public void Configure(EntityTypeBuilder<EndedSession> e)
    {
        // Not governed: signing out is audited, and forgetting it after a week is no change of anything. Asked with every command, in no scope.
        e.ToTable("ended_sessions", Schema).Rows(new RowAccess(RowRule.Visitor, Insert: RowRule.Visitor, Update: null, Delete: RowRule.Visitor)).Pinned(nameof(EndedSession.Id), nameof(EndedSession.PersonId), nameof(EndedSession.At));
        e.HasKey(s => s.Id);
        e.Property(s => s.Id).ValueGeneratedNever();
        e.Property(s => s.At).HasDefaultValueSql("clock_timestamp()");
    }

    public void Configure(EntityTypeBuilder<DataProtectionKey> e)
    {
        e.ToTable("data_protection_keys", Schema).InsertOnly().Rows(new RowAccess(RowRule.Visitor, RowRule.Visitor));
        e.HasKey(k => k.Id);
    }

    public void Configure(EntityTypeBuilder<IdentityUserClaim<Guid>> e) => e.ToTable("person_claims", Schema).Rows(new RowAccess(SignIn, SignIn));
    public void Configure(EntityTypeBuilder<IdentityUserLogin<Guid>> e) => e.ToTable("person_logins", Schema).Rows(new RowAccess(SignIn, SignIn));
    public void Configure(EntityTypeBuilder<IdentityUserToken<Guid>> e) => e.ToTable("person_tokens", Schema).Rows(new RowAccess(SignIn, SignIn));
}
