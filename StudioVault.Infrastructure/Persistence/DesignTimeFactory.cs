using Microsoft.EntityFrameworkCore.Design;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Used by <c>dotnet ef</c> only; it never connects.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<VaultDb>
{
    public VaultDb CreateDbContext(string[] args) => new(VaultDbs.Options("Host=none"));
}
