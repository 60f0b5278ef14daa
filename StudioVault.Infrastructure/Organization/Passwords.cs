using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// Whether a password is right, and nothing that tells more: whoever asks waits for exactly one hash and one statement, whether the
/// account is there or not, has a password or not, rests or is switched off (V6.3.8). The count of wrong tries is the database's, so
/// that a hundred tries at once count as a hundred.
/// </summary>
public sealed class Passwords(VaultDbs dbs, IPasswordHasher<Person> hasher) : IDisposable
{
    /// <summary>Wrong tries in a row after which an account rests.</summary>
    public const int MostTries = 5;

    /// <summary>How long it rests.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);

    private const string Wrong = """
        update organization.people set
            access_failed_count = case when access_failed_count + 1 >= $2 then 0 else access_failed_count + 1 end,
            lockout_end = case when access_failed_count + 1 >= $2 then clock_timestamp() + $3 else lockout_end end
        where id = $1 and (lockout_end is null or lockout_end <= clock_timestamp())
        """;

    private const string Right = """
        update organization.people set access_failed_count = 0, lockout_end = null, password_hash = $3
        where id = $1 and password_hash = $2 and not is_disabled and (lockout_end is null or lockout_end <= clock_timestamp())
        """;

    // Each hash costs about a tenth of a second of a core (ID-1): at most two at a time.
    private readonly SemaphoreSlim _two = new(2, 2);
    private readonly Person _nobody = new();
    private readonly Lazy<string> _nobodys = new(() => hasher.HashPassword(new Person(), Guid.NewGuid().ToString()));

    /// <summary>The hasher of this product, for whoever has no services at hand.</summary>
    public static IPasswordHasher<Person> Hasher() => new PasswordHasher<Person>(Options.Create(new PasswordHasherOptions { IterationCount = PasswordPolicy.HashIterations }));

    /// <summary>The hash of a new password.</summary>
    public async Task<string> HashAsync(string password, CancellationToken ct)
    {
        await _two.WaitAsync(ct);
        try
        {
            return hasher.HashPassword(_nobody, password);
        }
        finally
        {
            _two.Release();
        }
    }

    /// <summary>Whether this is the password of an account that may sign in now. A wrong one counts towards the rest, the right one ends the count.</summary>
    /// <param name="person">Null for an address nobody has.</param>
    public async Task<bool> IsRightAsync(Person? person, string password, CancellationToken ct)
    {
        var hash = person?.PasswordHash;
        string? kept = null;
        // Made before the first try is measured against it.
        var nobodys = _nobodys.Value;
        await _two.WaitAsync(ct);
        try
        {
            var result = hasher.VerifyHashedPassword(_nobody, hash ?? nobodys, password);
            // Made with fewer rounds than today's: hashed anew, now that the password is at hand.
            if (hash is not null && result != PasswordVerificationResult.Failed) kept = result == PasswordVerificationResult.SuccessRehashNeeded ? hasher.HashPassword(_nobody, password) : hash;
        }
        finally
        {
            _two.Release();
        }

        await using var connection = await dbs.OpenConnectionAsync(TenantScope.None, ct);
        await using var command = kept is null
            ? new NpgsqlCommand(Wrong, connection) { Parameters = { new() { Value = person?.Id ?? Guid.Empty }, new() { Value = MostTries }, new() { Value = Rest } } }
            : new NpgsqlCommand(Right, connection) { Parameters = { new() { Value = person!.Id }, new() { Value = hash! }, new() { Value = kept } } };
        return await command.ExecuteNonQueryAsync(ct) > 0 && kept is not null;
    }

    public void Dispose() => _two.Dispose();
}
