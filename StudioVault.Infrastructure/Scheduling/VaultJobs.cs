using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Api;
using StudioVault.Infrastructure.Proposals.Decoys;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>Every job of StudioVault, one registration each; the jobs themselves live in their modules.</summary>
public static class VaultJobs
{
    public static IServiceCollection AddVaultJobs(this IServiceCollection services) => services
        .AddVaultJob<PresenceSweep>("presence-sweep", "Clear old traces",
            "Forgets who was looking at what more than an hour ago, left behind by closed laptops.",
            JobSchedule.Every(TimeSpan.FromMinutes(15)))
        .AddVaultJob<AuditLagWatch>("audit-lag-watch", "Watch the audit log",
            "Warns when audit entries wait more than ten seconds for their number. Changes nothing.",
            JobSchedule.Every(TimeSpan.FromMinutes(1)))
        .AddVaultJob<VerifyLog>("audit.verify", "Check the audit log",
            "Recomputes the whole log with the newest checkpoint kept outside the database, and raises the alarm when something was changed.",
            JobSchedule.DailyAt(new TimeOnly(3, 40)))
        .AddVaultJob<WakeSnoozedOffers>("offers.wake-snoozed", "Wake snoozed updates",
            "Brings updates that a branch put off until a day back into its inbox when that day begins there.",
            JobSchedule.Every(TimeSpan.FromMinutes(5)))
        .AddVaultJob<ForgetAnswers>("api.forget-answers", "Forget old answers",
            "Forgets what agents were answered more than two days ago (until then the same request gets the same answer), and proofs of a new sign-in that are good no more.",
            JobSchedule.Every(TimeSpan.FromHours(1)))
        .AddVaultJob<SendMail>("mail.send", "Send mails",
            "Hands the mails that wait to the group's mail server; those it cannot take now are tried again for a day.",
            JobSchedule.Every(TimeSpan.FromSeconds(15)))
        .AddVaultJob<SealPapers>("agreements.seal", "Seal signed papers",
            "Takes up papers everybody has signed whose documents could not be made at once, for example while Chromium was away.",
            JobSchedule.Every(TimeSpan.FromMinutes(1)))
        .AddVaultJob<WithdrawalReceipts>("agreements.receipts", "Make receipts of withdrawals",
            "Takes up withdrawals whose receipt could not be made at once. The withdrawal counts from the moment it was confirmed.",
            JobSchedule.Every(TimeSpan.FromMinutes(1)))
        .AddVaultJob<ReleaseDocuments>("agreements.releases", "Make documents of image releases",
            "Takes up image releases that were decided and whose document could not be made at once.",
            JobSchedule.Every(TimeSpan.FromMinutes(1)))
        .AddVaultJob<ProposalSweep>("proposals.sweep", "Keep the queue true",
            "Ends proposals whose time ran out, gives unused claims back, raises what waits, calls managers, and ends what a stop covers.",
            JobSchedule.Every(TimeSpan.FromSeconds(15)))
        .AddVaultJob<StopDrills>("proposals.stop-drill", "Drill the stop",
            "Throws a stop that covers nothing but the drill, measures how long it takes to hold, and ends it.",
            JobSchedule.Cron("0 10 4 ? * MON", "every Monday at 04:10 UTC"))
        .AddVaultJob<DecoyPlanter>("proposals.decoys", "Plant test proposals",
            "Now and then puts a proposal with a flaw into the queue of a branch where headquarters switched tests on. Nothing of it can be carried out.",
            JobSchedule.Every(TimeSpan.FromHours(1)));
}
