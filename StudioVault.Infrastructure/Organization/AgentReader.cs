using System.Security.Cryptography;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Organization;

/// <summary>An agent as the door meets it: its key, what it was given, and whether all of that holds at this moment.</summary>
internal static class AgentReader
{
    /// <summary>The statement whose rows <see cref="ReadAsync"/> reads; one round trip with the door's own.</summary>
    public static NpgsqlBatchCommand Command(AgentProof proof) => new(ChainReader.AgentSql)
    {
        Parameters = { new NpgsqlParameter<Guid?> { TypedValue = proof.Key?.Value }, new NpgsqlParameter<Guid?> { TypedValue = proof.Inside?.Value } },
    };

    /// <summary>
    /// The caller, or why there is none: <c>refuse.agent.key_unknown</c>, <c>key_revoked</c>, <c>key_expired</c>, <c>disabled</c>,
    /// <c>owner_gone</c>.
    /// </summary>
    /// <param name="branch">The branch the command works in, or null.</param>
    public static async Task<(Result<Caller> Caller, DateTimeOffset Now)> ReadAsync(NpgsqlDataReader reader, AgentProof proof, BranchId? branch, CancellationToken ct)
    {
        if (!await reader.ReadAsync(ct)) return (AgentRefusals.KeyUnknown, DateTimeOffset.MinValue);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        if (Refuse(reader, proof, now) is { } refusal) return (refusal, now);

        var self = new ChainActor(Party.Of(new AgentId(reader.GetGuid(7))), reader.GetString(9), true, null, new HumanId(reader.GetGuid(13)));
        var (slug, owner) = (reader.GetString(8), new PersonId(reader.GetGuid(11)));
        HashSet<string>? capabilities = reader.IsDBNull(5) ? null : [.. reader.GetFieldValue<string[]>(5)];
        HashSet<BranchId>? branches = reader.IsDBNull(6) ? null : [.. reader.GetFieldValue<Guid[]>(6).Select(b => new BranchId(b))];
        var links = new List<(Guid Leaf, ChainLink Link)>();
        do
        {
            if (ChainReader.Link(reader, ChainReader.AgentColumns) is { } link) links.Add(link);
        }
        while (await reader.ReadAsync(ct));

        var grants = new List<Grant>();
        var lost = new Dictionary<BranchId, Refusal>();
        // The newest one's reason is told: the query has them oldest first.
        foreach (var chain in links.GroupBy(l => l.Leaf, l => l.Link))
        {
            var resolved = DelegationChain.Resolve(self, [.. chain], now);
            if (resolved.IsRefused) lost[chain.First().Branch] = resolved.Refusal;
            else if (branches?.Contains(resolved.Value.Branch) != false) grants.Add(resolved.Value);
        }

        var agent = new AgentCaller(self.Party.Agent!.Value, slug, self.Name, owner, self.Human!.Value, proof.Key, grants, capabilities, branches, lost);
        var here = grants.Where(g => g.Branch == branch).ToList();
        var by = (proof.Capability is { } capability ? here.Find(g => g.Covers(capability)) : null) ?? here.FirstOrDefault();
        return (Caller.OfAgent(agent, by), now);
    }

    private static Refusal? Refuse(NpgsqlDataReader r, AgentProof proof, DateTimeOffset now)
    {
        if (proof.Key is not null)
        {
            if (r.IsDBNull(1) || proof.SecretSha256 is null || !Same(r.GetFieldValue<byte[]>(2), proof.SecretSha256)) return AgentRefusals.KeyUnknown;
            if (!r.IsDBNull(4)) return AgentRefusals.KeyRevoked;
            var expires = r.GetFieldValue<DateTimeOffset>(3);
            if (now >= expires) return AgentRefusals.KeyExpired.With(expires.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        }

        if (r.GetBoolean(10)) return AgentRefusals.Disabled;
        if (r.IsDBNull(12) || r.GetBoolean(12)) return AgentRefusals.OwnerGone;
        return null;
    }

    private static bool Same(byte[] stored, string sent) => CryptographicOperations.FixedTimeEquals(stored, Convert.FromHexString(sent));
}
