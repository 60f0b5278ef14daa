using System.Linq.Expressions;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Api;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// The one database context: a change, its audit entry and its event commit together. One short-lived context per
/// operation, opened through <see cref="VaultDbs"/>. A migration is added with
/// <c>dotnet dotnet-ef migrations add Expand_Name -p StudioVault.Infrastructure -s StudioVault.Web -o Persistence/Migrations</c>.
/// </summary>
public sealed class VaultDb(DbContextOptions<VaultDb> options) : IdentityUserContext<Person, Guid>(options)
{
    /// <summary>Name of the EF filter that mirrors row-level security.</summary>
    public const string TenantFilter = "Tenant";

    /// <summary>Whose rows this context may see; set once, by <see cref="VaultDbs"/>, before the first query.</summary>
    public TenantScope Scope { get; internal set; }

    /// <summary>What goes along with the next save, and commits it; set for that one save by whoever commits.</summary>
    internal RoundTrip? Joining { get; set; }

    private BranchId? SeesBranch => Scope.BranchId;

    public DbSet<Branch> Branches => Set<Branch>();
    public DbSet<Blackout> Blackouts => Set<Blackout>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<EndedSession> EndedSessions => Set<EndedSession>();
    public DbSet<Agent> Agents => Set<Agent>();
    public DbSet<AgentKey> AgentKeys => Set<AgentKey>();
    public DbSet<AgentKeyUse> AgentKeyUses => Set<AgentKeyUse>();
    public DbSet<Delegation> Delegations => Set<Delegation>();
    public DbSet<KeptAnswer> KeptAnswers => Set<KeptAnswer>();
    public DbSet<PackageTemplate> Templates => Set<PackageTemplate>();
    public DbSet<TemplateVersion> TemplateVersions => Set<TemplateVersion>();
    public DbSet<TemplateYank> TemplateYanks => Set<TemplateYank>();
    public DbSet<TemplateDraft> TemplateDrafts => Set<TemplateDraft>();
    public DbSet<PublishWave> PublishWaves => Set<PublishWave>();
    public DbSet<BranchPackage> BranchPackages => Set<BranchPackage>();
    public DbSet<PackageRevision> PackageRevisions => Set<PackageRevision>();
    public DbSet<UpdateOffer> UpdateOffers => Set<UpdateOffer>();
    public DbSet<OfferDecision> OfferDecisions => Set<OfferDecision>();
    public DbSet<Project> Projects => Set<Project>();
    public DbSet<Client> Clients => Set<Client>();
    public DbSet<ProjectClient> ProjectClients => Set<ProjectClient>();
    public DbSet<Agreement> Agreements => Set<Agreement>();
    public DbSet<AgreementPaper> Papers => Set<AgreementPaper>();
    public DbSet<PaperKey> PaperKeys => Set<PaperKey>();
    public DbSet<Signing> Signings => Set<Signing>();
    public DbSet<PartySignature> Signatures => Set<PartySignature>();
    public DbSet<SealedPaper> SealedPapers => Set<SealedPaper>();
    public DbSet<Invoice> Invoices => Set<Invoice>();
    public DbSet<CreditNote> CreditNotes => Set<CreditNote>();
    public DbSet<SessionAssignment> SessionAssignments => Set<SessionAssignment>();
    public DbSet<Withdrawal> Withdrawals => Set<Withdrawal>();
    public DbSet<PictureRelease> Releases => Set<PictureRelease>();
    public DbSet<ReleaseWithdrawal> ReleaseWithdrawals => Set<ReleaseWithdrawal>();
    public DbSet<StoredFile> Files => Set<StoredFile>();
    public DbSet<Delivery> Deliveries => Set<Delivery>();
    public DbSet<DeliveryFile> DeliveryFiles => Set<DeliveryFile>();
    public DbSet<Proposal> Proposals => Set<Proposal>();
    public DbSet<Decision> Decisions => Set<Decision>();
    public DbSet<Decoy> Decoys => Set<Decoy>();
    public DbSet<DecoySwitch> DecoySwitches => Set<DecoySwitch>();
    public DbSet<Execution> Executions => Set<Execution>();
    public DbSet<CapabilityCard> CapabilityCards => Set<CapabilityCard>();
    public DbSet<CapabilityStanding> Capabilities => Set<CapabilityStanding>();
    public DbSet<QuotaCounter> QuotaCounters => Set<QuotaCounter>();
    public DbSet<Stop> Stops => Set<Stop>();
    public DbSet<StopDrill> StopDrills => Set<StopDrill>();
    public DbSet<ExecutorLease> ExecutorLeases => Set<ExecutorLease>();
    public DbSet<Exemption> Exemptions => Set<Exemption>();
    public DbSet<ExemptionUse> ExemptionUses => Set<ExemptionUse>();
    public DbSet<FreshSignIn> FreshSignIns => Set<FreshSignIn>();
    public DbSet<SealKeyRow> SealKeys => Set<SealKeyRow>();
    public DbSet<MailMessage> Mails => Set<MailMessage>();
    public DbSet<FingerprintRow> Fingerprints => Set<FingerprintRow>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<AuditLeaf> AuditLeaves => Set<AuditLeaf>();
    public DbSet<AuditCheckpoint> AuditCheckpoints => Set<AuditCheckpoint>();
    public DbSet<OutboxEvent> Outbox => Set<OutboxEvent>();
    public DbSet<OutboxPosition> OutboxPositions => Set<OutboxPosition>();
    public DbSet<Presence> Presences => Set<Presence>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        IdConventions.Apply(configurationBuilder);
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(VaultDb).Assembly);
        // One model for HQ, one for everybody else: "all or this branch" in one condition would keep PostgreSQL from its indexes, which begin with the branch.
        foreach (var type in builder.Model.GetEntityTypes().Where(t => !Scope.IsHq && typeof(ITenantOwned).IsAssignableFrom(t.ClrType)))
            builder.Entity(type.ClrType).HasQueryFilter(TenantFilter, TenantExpression(type.ClrType));
        SnakeCase.Apply(builder);
        builder.HasDbFunction(typeof(DatabaseNow).GetMethod(nameof(DatabaseNow.Now))!).HasName("clock_timestamp").IsBuiltIn();
    }

    /// <summary>row => row.BranchId == this.SeesBranch, for the row's own type.</summary>
    private LambdaExpression TenantExpression(Type row)
    {
        var parameter = Expression.Parameter(row, "row");
        return Expression.Lambda(
            Expression.Equal(
                Expression.Convert(Expression.Property(parameter, nameof(ITenantOwned.BranchId)), typeof(BranchId?)),
                Expression.Property(Expression.Constant(this), nameof(SeesBranch))),
            parameter);
    }

    /// <summary>Keeps the two models apart. A context has its scope before it is first used.</summary>
    internal sealed class ModelOfScope : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context.GetType(), ((VaultDb)context).Scope.IsHq, designTime);
    }
}
