using System.Globalization;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// What one searched word can stand for. Entries hold ids and verbs, never names, so a word is first looked up where names
/// live; the log itself is then asked by ids, each with an index of its own.
/// </summary>
internal sealed record AuditMatch(string[] Actions, string[] Actors, (string Type, string Id)[] Things, Guid[] Branches, string[] Codes, Guid[] Entries, bool IsPartial)
{
    public bool IsNothing => Actions.Length + Actors.Length + Things.Length + Branches.Length + Codes.Length + Entries.Length == 0;

    /// <summary>How much of the log it may be: verbs and people are in many entries, a thing in few.</summary>
    public int Breadth => Actions.Length * 100 + Actors.Length * 10 + Branches.Length * 100 + Things.Length;
}

/// <summary>Finds out what the words of a search stand for, with the eyes of the reader.</summary>
internal static class AuditSearch
{
    /// <summary>Most people, things or branches one word stands for.</summary>
    private const int Most = 200;

    public static async Task<List<AuditMatch>> ResolveAsync(VaultDb db, string text, CancellationToken ct)
    {
        var matches = new List<AuditMatch>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(AuditFilter.MostWords))
            matches.Add(await ResolveWordAsync(db, word, ct));
        return matches;
    }

    private static async Task<AuditMatch> ResolveWordAsync(VaultDb db, string word, CancellationToken ct)
    {
        if (long.TryParse(word.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            var numbered = await db.AuditLeaves.AsNoTracking().Where(l => l.Index == index).Select(l => l.EntryId).ToArrayAsync(ct);
            return new AuditMatch([], [], [], [], [], numbered, false);
        }

        if (Guid.TryParse(word, out var id))
        {
            var text = id.ToString();
            return new AuditMatch([], [text], [.. AuditThings.Types.Select(t => (t, text))], [id], [], [id], false);
        }

        var like = $"%{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
        var people = await db.Users.AsNoTracking().Where(p => EF.Functions.ILike(p.Name, like)).Select(p => p.Id).Take(Most).ToListAsync(ct);
        var branches = await db.Branches.AsNoTracking().Where(b => EF.Functions.ILike(b.Name, like) || EF.Functions.ILike(b.City, like) || b.Slug == word)
            .Select(b => b.Id).Take(Most).ToListAsync(ct);
        var things = await ThingsAsync(db, word, like, branches, people, ct);
        string[] actors = [.. people.Select(p => p.ToString()), word.ToLowerInvariant()];
        var actions = AuditSentences.ActionsWith(word).ToList();
        if (word.Contains('.', StringComparison.Ordinal) && !actions.Contains(word)) actions.Add(word);
        string[] codes = [.. RefusalCatalogue.All.Where(k => k.Code.Contains(word, StringComparison.OrdinalIgnoreCase)).Select(k => k.Code)];
        return new AuditMatch([.. actions], actors, [.. things.Take(2 * Most)], [.. branches.Select(b => b.Value)], codes, [], things.Count > 2 * Most || people.Count == Most);
    }

    /// <summary>Templates by name with their offers and packages, packages by name, branches, people, and jobs by their own name.</summary>
    private static async Task<List<(string Type, string Id)>> ThingsAsync(VaultDb db, string word, string like, List<BranchId> branches, List<Guid> people, CancellationToken ct)
    {
        var templates = await db.Templates.AsNoTracking().Where(t => EF.Functions.ILike(t.Name, like)).OrderBy(t => t.Name).Select(t => t.Id).Take(Most).ToListAsync(ct);
        var packages = await db.BranchPackages.AsNoTracking().Where(p => templates.Contains(p.TemplateId) || EF.Functions.ILike(p.Name, like))
            .Select(p => p.Id).Take(Most).ToListAsync(ct);
        List<OfferId> offers = templates.Count == 0 ? [] : await db.UpdateOffers.AsNoTracking().Where(o => templates.Contains(o.TemplateId))
            .OrderByDescending(o => o.Id).Select(o => o.Id).Take(Most + 1).ToListAsync(ct);
        return
        [
            .. templates.Select(t => (AuditThings.Template, t.ToString())),
            .. branches.Select(b => (AuditThings.Branch, b.ToString())),
            .. people.Select(p => (AuditThings.Person, p.ToString())),
            (AuditThings.Job, word.ToLowerInvariant()),
            .. packages.Select(p => (AuditThings.Package, p.ToString())),
            .. offers.Select(o => (AuditThings.Offer, o.ToString())),
        ];
    }
}
