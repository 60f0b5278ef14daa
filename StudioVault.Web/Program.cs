using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;

var builder = WebApplication.CreateBuilder(args);
try
{
    await using var database = await VaultDatabase.OpenAsync(new VaultOptions
    {
        AppConnection = builder.Configuration.GetConnectionString("Vault"),
        OwnerConnection = builder.Configuration.GetConnectionString("VaultOwner"),
        DataDir = builder.Configuration["DataDir"] ?? ".data",
    }, CancellationToken.None);
    await using var app = VaultHost.Build(builder, database);
    await app.RunAsync();
    return 0;
}
catch (StartRefusedException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

/// <summary>Public for the tests that start the whole application.</summary>
public partial class Program;
