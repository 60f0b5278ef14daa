using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// What of a template's packages must never move: quotes and projects with the revision they pin, and signed papers with what they say.
/// Read before and after a rehearsal, so that "nothing moves" is measured and not promised.
/// </summary>
internal sealed class Pins
{
    private readonly HashSet<string> _pins = [];

    private Pins() { }

    /// <summary>Projects under way among them.</summary>
    public int Booked { get; private set; }

    /// <summary>Every signature and every sealed agreement, by its key, with a digest of all that stands in its row.</summary>
    public Dictionary<string, string> Signed { get; } = [];

    public static async Task<Pins> ReadAsync(WriteContext context, TemplateId template, CancellationToken ct)
    {
        var read = new Pins();
        await using var projects = new NpgsqlCommand("""
            select q.id, q.package_revision, r.hash, q.state from agreements.projects q
            join packages.branch_packages p on p.branch_id = q.branch_id and p.id = q.package_id and p.template_id = $1
            join packages.package_revisions r on r.branch_id = q.branch_id and r.package_id = q.package_id and r.number = q.package_revision
            """, context.Connection, context.Transaction)
        { Parameters = { new() { Value = template.Value } } };
        await using (var reader = await projects.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                read._pins.Add($"{reader.GetGuid(0)} {reader.GetInt32(1)} {reader.GetString(2)}");
                if (ProjectMachine.UnderWay.Contains(Enum.Parse<ProjectState>(reader.GetString(3)))) read.Booked++;
            }
        }

        // The rows themselves and not their stored hashes: those could stay the same while the content beside them changes.
        await using var papers = new NpgsqlCommand("""
            with signed as (
              select a.branch_id, a.id from agreements.agreements a
              join agreements.projects q on q.branch_id = a.branch_id and q.id = a.project_id
              join packages.branch_packages p on p.branch_id = q.branch_id and p.id = q.package_id and p.template_id = $1
            )
            select 'sealed ' || s.paper_id, encode(sha256(convert_to(s::text, 'UTF8')), 'hex') from agreements.sealed_papers s
            join signed on signed.branch_id = s.branch_id and signed.id = s.agreement_id
            union all
            select 'signature ' || g.signing_id, encode(sha256(convert_to(g::text || coalesce(w.content_hash, '') || encode(w.content, 'hex'), 'UTF8')), 'hex') from agreements.signatures g
            join agreements.papers w on w.branch_id = g.branch_id and w.id = g.paper_id
            join signed on signed.branch_id = w.branch_id and signed.id = w.agreement_id
            """, context.Connection, context.Transaction)
        { Parameters = { new() { Value = template.Value } } };
        await using (var reader = await papers.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct)) read.Signed.Add(reader.GetString(0), reader.GetString(1));
        }

        return read;
    }

    /// <summary>Quotes and projects that stand on another revision or other content than before, come or gone.</summary>
    public int MovedSince(Pins before) => before._pins.Except(_pins).Count() + _pins.Except(before._pins).Count();

    /// <summary>Signed papers of before that say something else now or are gone.</summary>
    public int SignedChangedSince(Pins before) => before.Signed.Count(s => Signed.GetValueOrDefault(s.Key) != s.Value);
}
