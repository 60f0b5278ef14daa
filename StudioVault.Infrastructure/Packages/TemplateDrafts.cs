using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>A draft as the editor shows it.</summary>
/// <param name="Revision">Send it back with the next save; another number in the store means somebody else saved meanwhile.</param>
public sealed record DraftView(TemplateId TemplateId, string Slug, string Name, int LatestVersion, string Content, string Summary, int Revision, DateTimeOffset SavedAt, string? SavedBy);

/// <summary>What a save answers: the new revision, or the draft somebody else saved meanwhile, for a three-way look.</summary>
public sealed record DraftSaved(int Revision, DateTimeOffset SavedAt, DraftView? Theirs);

/// <summary>HQ writes templates here. Drafts are autosaved, may be incomplete, and change nothing anywhere.</summary>
public sealed class TemplateDrafts(WriteDoor door)
{
    /// <summary>Starts a template with an empty draft. A taken slug is refused with <c>refuse.package.slug_taken</c>.</summary>
    public Task<Result<TemplateId>> CreateAsync(Sender from, string slug, string content, CancellationToken ct) =>
        door.RunAsync<TemplateId>(new Command("template.create", from, TenantScope.Hq, Access.Hq, "template", slug), (context, _) =>
        {
            if (ShapeOf(content) is { } refusal) return Task.FromResult<Result<TemplateId>>(refusal);
            var template = PackageTemplate.Start(TemplateId.New(), slug, NameOf(content));
            context.Db.Templates.Add(template);
            context.Db.TemplateDrafts.Add(TemplateDraft.Begin(template.Id, content, context.Now, context.Caller.PersonId));
            context.ObjectId = template.Id.ToString();
            context.IfTaken("ix_templates_slug", PublishRefusals.SlugTaken.At("slug", slug));
            context.Audit(new JsonObject { ["slug"] = slug });
            return Task.FromResult<Result<TemplateId>>(template.Id);
        }, ct);

    /// <summary>The draft to edit; a template without one gets a copy of its newest version. Only that is news: opening one that is there writes nothing.</summary>
    public async Task<Result<DraftView>> OpenAsync(Sender from, TemplateId id, CancellationToken ct)
    {
        var there = await door.ReadAsync<DraftView?>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
            await db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, token) is not { } template ? KernelRefusals.NotFound
                : await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(d => d.TemplateId == id, token) is { } draft ? await ViewAsync(db, template, draft, token) : (DraftView?)null, ct);
        if (there.IsRefused) return there.Refusal;
        if (there.Value is { } open) return open;
        return await door.RunAsync<DraftView>(new Command("template.open_draft", from, TenantScope.Hq, Access.Hq, "template", id.ToString()), async (context, token) =>
        {
            var template = await context.Db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, token);
            if (template is null) return KernelRefusals.NotFound;
            var draft = await context.Db.TemplateDrafts.SingleOrDefaultAsync(d => d.TemplateId == id, token);
            if (draft is null)
            {
                var newest = await context.Db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == id).OrderByDescending(v => v.Number).FirstAsync(token);
                draft = TemplateDraft.Begin(id, newest.Content, context.Now, context.Caller.PersonId);
                context.Db.TemplateDrafts.Add(draft);
            }

            return await ViewAsync(context.Db, template, draft, token);
        }, ct);
    }

    /// <summary>
    /// Saves the draft. Never loses anything: if somebody else saved since <paramref name="revision"/>, nothing is written and
    /// the answer holds their draft. Content that cannot be read is refused with its code and path.
    /// </summary>
    public async Task<Result<DraftSaved>> SaveAsync(Sender from, TemplateId id, int revision, string content, string summary, CancellationToken ct)
    {
        if (ShapeOf(content) is { } refusal) return refusal;
        // Not through the audited door: a draft is nobody's business until it is published (see TemplateDraft).
        return await door.ScratchAsync<DraftSaved>(from, TenantScope.Hq, Access.Hq, async (db, caller, token) =>
        {
            var template = await db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, token);
            var draft = await db.TemplateDrafts.SingleOrDefaultAsync(d => d.TemplateId == id, token);
            if (template is null || draft is null) return KernelRefusals.NotFound;
            if (draft.Revision != revision) return new DraftSaved(draft.Revision, draft.SavedAt, await ViewAsync(db, template, draft, token));
            var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(token);
            draft.Save(content, summary, now, caller.PersonId);
            try
            {
                await db.SaveChangesAsync(token);
            }
            catch (DbUpdateConcurrencyException)
            {
                await db.Entry(draft).ReloadAsync(token);
                return new DraftSaved(draft.Revision, draft.SavedAt, await ViewAsync(db, template, draft, token));
            }

            return new DraftSaved(draft.Revision, draft.SavedAt, null);
        }, ct);
    }

    private static async Task<DraftView> ViewAsync(VaultDb db, PackageTemplate template, TemplateDraft draft, CancellationToken ct)
    {
        var by = draft.SavedBy is { } id ? await db.Users.AsNoTracking().Where(p => p.Id == id.Value).Select(p => p.Name).SingleOrDefaultAsync(ct) : null;
        return new DraftView(template.Id, template.Slug, template.Name, template.LatestVersion, draft.Content, draft.Summary, draft.Revision, draft.SavedAt, by);
    }

    /// <summary>A draft may break every rule of the trade, but it must be readable: the editor has to open it again.</summary>
    private static Refusal? ShapeOf(string content) => TemplateContent.Parse(content).Refusal;

    private static string NameOf(string content) => TemplateContent.Parse(content).Value.Name;
}
