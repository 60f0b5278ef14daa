using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using StudioVault.Infrastructure;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Documents;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Web.Agreements;
using StudioVault.Web.Agreements.Client;
using StudioVault.Web.Api;
using StudioVault.Web.Audit;
using StudioVault.Web.Deliveries;
using StudioVault.Web.Documents;
using StudioVault.Web.Documents.Agreements;
using StudioVault.Web.Live;
using StudioVault.Web.Mail;
using StudioVault.Web.Organization;
using StudioVault.Web.Organization.People;
using StudioVault.Web.Packages.Editing;
using StudioVault.Web.Packages.Updates;
using StudioVault.Web.Proof;
using StudioVault.Web.Proposals;
using StudioVault.Web.Proposals.Hq;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Hosting;

/// <summary>The composition root: one line a part, readable as a contents page.</summary>
public static class VaultHost
{
    /// <summary>Builds the web application on an open database; the caller runs and disposes both.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, VaultDatabase database, VaultSettings settings)
    {
        builder.AddShell();
        builder.Services.AddSingleton(new LiveOptions { PollInterval = settings.Live.PollInterval });
        builder.Services.AddSingleton(new SequencerOptions { CheckpointInterval = settings.Audit.CheckpointInterval });
        var keys = database.Keys ?? throw new ArgumentException("A node is not built without the keys that belong to its database.", nameof(database));
        builder.Services.AddVault(database, keys.Master, keys.Group);
        builder.Services.AddAuditOutside(settings.AuditPlaces);
        builder.Services.AddHostedService<SettingsWatch>();
        builder.Services.AddReadiness("audit_history", (services, _) => Task.FromResult(services.GetRequiredService<AuditAlarms>().OfFile is { } alarm
            ? $"The audit log is an older or another one than was seen before: {alarm.What}." : null));
        builder.Services.AddReadiness("audit_checkpoints", (services, _) => Task.FromResult(services.GetRequiredService<CheckpointWitness>().Trouble), blocking: false);
        builder.Services.AddReadiness("attempts", (services, _) => Task.FromResult(services.GetRequiredService<AttemptFile>().Trouble), blocking: false);
        builder.Services.AddVaultAccounts();
        builder.Services.AddVaultSessions(settings.Security.RequireHttps, settings.Session.Lifetime);
        builder.Services.AddVaultLimits();
        builder.Services.AddSingleton(new DemoMode(settings.Demo.Enabled));
        builder.Services.AddPackages();
        builder.Services.AddDocuments(new PrinterOptions { BrowserPath = settings.Documents.BrowserPath });
        builder.Services.AddSingleton<DocumentRenderer>();
        builder.Services.AddAgreements(settings.Site.Group, settings.Site.Address,
            new MailServerOptions(settings.Mail.Host, settings.Mail.Port, settings.Mail.UseTls, settings.Mail.User, settings.Mail.Password, settings.Mail.From), Path.GetFullPath(Path.Combine(settings.DataDir, "deliveries")));
        builder.Services.AddSingleton<IPaperPrinter>(s => new PaperPrinter(s.GetRequiredService<DocumentRenderer>(), s.GetRequiredService<DocumentPrinter>(), settings.Site.Address.ToString()));
        builder.Services.AddClientPages(settings.Site.Address);
        builder.Services.AddCapabilities();
        if (settings.Demo.Enabled) builder.Services.AddDemo();
        if (settings.Demo is { Enabled: true, LoadOnStart: true, Agreements: > 0 } && database.OwnerConnection is { } owner)
        {
            builder.Services.AddSingleton<DemoAgreements>();
            builder.Services.AddHostedService(s => ActivatorUtilities.CreateInstance<DemoAgreementsHost>(s, owner, settings.Demo.Agreements));
        }

        builder.Services.AddSingleton<ProjectDeliveryEndpoints.Work>();
        builder.Services.AddReadiness("documents", (services, _) => Task.FromResult(
            services.GetRequiredService<DocumentPrinter>().Program is null ? "Chromium is not installed, so no PDF can be made." : null), blocking: false);
        builder.Services.AddProposals(enableNew: settings.Demo.Enabled);
        builder.Services.AddProposalChecks();
        builder.Services.AddVaultApi();
        builder.Services.AddLiveHub();
        builder.Services.AddVaultScheduling(new JobsOptions { Enabled = settings.Jobs.Enabled }).AddVaultJobs();
        builder.Services.AddReadiness("jobs", (services, ct) => services.GetRequiredService<JobsHealth>().ReasonAsync(ct), blocking: false);
        builder.Services.AddScoped<FormMemory>();
        builder.Services.AddScoped<INavCounter, UpdatesCounter>();
        builder.Services.AddScoped<INavCounter, ExemptionsCounter>();
        builder.Services.AddScoped<IStripeSource, RoomStripe>();
        builder.Services.AddScoped<IStripeSource, StopStripe>();
        builder.Services.AddScoped<IStripeSource, CalledStripe>();
        builder.Services.AddScoped<IStripeSource, SamePersonNews>();
        builder.Services.AddScoped<INavCounter, QueueCounter>();

        var app = builder.Build();
        app.UseVaultHosting();
        app.UseShell(settings.Security.RequireHttps);
        app.UseOriginGuard(settings.Site.Address, settings.Security.RequireHttps);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.UseAntiforgery();
        app.UseFormGuard();
        app.MapShell();
        app.MapSignIn();
        app.MapLiveHub();
        app.MapVaultApi();
        app.MapApiReference();
        app.MapAuditApi();
        app.MapQueueExport();
        app.MapConsents();
        app.MapAgreementFiles(settings.Site.Address);
        app.MapClientPages();
        app.MapDemoMail();
        app.MapVerify();
        app.MapEvidence();
        app.MapDeliveries();
        app.MapProjectDeliveries();
        app.MapBooking();
        return app;
    }

    private static void AddVaultSessions(this IServiceCollection services, bool https, TimeSpan lifetime)
    {
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(cookies => cookies.ApplicationCookie!.Configure(o =>
        {
            // The __Host- prefix binds the cookie to this host over TLS; browsers refuse it on plain HTTP, which only a demo speaks.
            o.Cookie.Name = https ? "__Host-StudioVault" : "StudioVault";
            o.Cookie.SecurePolicy = https ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            o.Cookie.HttpOnly = true;
            o.Cookie.SameSite = SameSiteMode.Lax;
            o.LoginPath = "/login";
            o.AccessDeniedPath = "/denied";
            o.ExpireTimeSpan = lifetime;
            o.SlidingExpiration = true;
            var validate = o.Events.OnValidatePrincipal;
            o.Events.OnValidatePrincipal = context => StorageAway.ValidateAsync(context, validate);
        }));
        services.Configure<SecurityStampValidatorOptions>(o =>
        {
            o.ValidationInterval = TimeSpan.FromSeconds(30);
            o.OnRefreshingPrincipal = refresh =>
            {
                // The session and the chosen branch are not part of the account; they must outlive the refresh.
                foreach (var type in (string[])[PersonClaims.Session, Session.BranchClaim])
                    if (refresh.CurrentPrincipal?.FindFirst(type) is { } claim)
                        (refresh.NewPrincipal?.Identity as System.Security.Claims.ClaimsIdentity)?.AddClaim(claim.Clone());
                return Task.CompletedTask;
            };
        });
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionRevalidation>();
        services.AddScoped<Session>();
        services.AddScoped<ISecurityStampValidator, SessionValidator>();
        services.AddHostedService<FirstAccountWatch>();
        services.AddAntiforgery(o =>
        {
            if (https) o.Cookie = new SecureCookie { SameSite = SameSiteMode.Strict, HttpOnly = true, IsEssential = true };
            o.Cookie.Name = https ? "__Host-StudioVault-Form" : "StudioVault-Form";
        });
    }

    /// <summary>
    /// A cookie for HTTPS whatever the request looks like here. Browsers drop a <c>__Host-</c> cookie that is not marked so;
    /// "same as the request" would leave the mark out behind a proxy whose word is not taken, and with "always" the framework refuses
    /// to draw a form there at all.
    /// </summary>
    private sealed class SecureCookie : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Secure = true;
            return options;
        }
    }
}
