using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// The ring of data-protection keys in PostgreSQL, so that every web process reads every cookie. The usual package is not to
/// be had here; the interface is two methods.
/// </summary>
public sealed class KeyRing(VaultDbs dbs) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = dbs.Open(TenantScope.None);
        return [.. db.DataProtectionKeys.AsNoTracking().OrderBy(k => k.Name).Select(k => k.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    /// <summary>A new key, or a key's end: it stands in the audit log in the same transaction (AUD-10), by name only.</summary>
    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = dbs.Door.OpenConnection();
        using var transaction = connection.BeginTransaction();
        using var entry = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                VaultDbs.ScopeOfTransaction(TenantScope.Hq),
                WriteContext.EntryCommand(new Command("session_key.make", Sender.System("key-ring"), TenantScope.Hq, Access.Hq, "session_key", friendlyName), Caller.System("key-ring"), friendlyName,
                    new JsonObject { ["kind"] = element.Name.LocalName }, null, null),
                // The ring itself is nobody's and everybody's.
                VaultDbs.ScopeOfTransaction(TenantScope.None),
            },
        };
        entry.ExecuteNonQuery();
        using var db = dbs.Join(connection, transaction, TenantScope.None);
        db.DataProtectionKeys.Add(new DataProtectionKey { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        db.SaveChanges();
        transaction.Commit();
    }
}
