using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>What came of a try.</summary>
public enum PasswordAnswer
{
    Right = 0,
    Wrong = 1,

    /// <summary>No more tries: the account rests, or the session that tried is to end.</summary>
    Enough = 2,
}

/// <summary>What came of a try at the sign-in.</summary>
/// <param name="Renewed">The right password hashed with the rounds of today, where it was hashed with fewer: to be kept with the entry of the sign-in.</param>
public sealed record PasswordTry(PasswordAnswer Answer, string? Renewed);

/// <summary>
/// Whether a password is right, and nothing that tells more: whoever asks waits for exactly one hash and one statement, whether the
/// account is there or not, has a password or not, rests or is switched off (V6.3.8). The count of wrong tries is the database's, so
/// that a hundred tries at once count as a hundred.
/// </summary>
public sealed class Passwords(VaultDbs dbs, IPasswordHasher<Person> hasher) : IDisposable
{
    /// <summary>Wrong tries in a row after which an account rests, or a session ends.</summary>
    public const int MostTries = 5;

    /// <summary>How long it rests.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);

    // Each of the four answers with a PasswordAnswer, in one statement whoever is asked for.
    private const string Wrong = """
        with counted as (
            update organization.people set
                access_failed_count = case when access_failed_count + 1 >= $2 then 0 else access_failed_count + 1 end,
                lockout_end = case when access_failed_count + 1 >= $2 then clock_timestamp() + $3 else lockout_end end
            where id = $1 and (lockout_end is null or lockout_end <= clock_timestamp())
            returning coalesce(lockout_end > clock_timestamp(), false) as rests)
        select case when coalesce((select rests from counted), exists (select from organization.people where id = $1 and lockout_end > clock_timestamp())) then 2 else 1 end
        """;

    private const string Right = """
        with entered as (
            update organization.people set access_failed_count = 0, confirm_failed_count = 0, lockout_end = null
            where id = $1 and password_hash = $2 and not is_disabled and (lockout_end is null or lockout_end <= clock_timestamp())
            returning id)
        select case when exists (select from entered) then 0 when exists (select from organization.people where id = $1 and lockout_end > clock_timestamp()) then 2 else 1 end
        """;

    private const string ConfirmWrong = """
        with counted as (
            update organization.people set confirm_failed_count = case when confirm_failed_count + 1 >= $2 then 0 else confirm_failed_count + 1 end
            where id = $1
            returning confirm_failed_count)
        select case when (select confirm_failed_count from counted) = 0 then 2 else 1 end
        """;

    private const string ConfirmRight = """
        with kept as (
            update organization.people set confirm_failed_count = 0
            where id = $1 and password_hash = $2 and not is_disabled
            returning id)
        select case when exists (select from kept) then 0 else 1 end
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
    public Task<PasswordTry> TryAsync(Person? person, string password, CancellationToken ct) => AskAsync(person, password, Right, Wrong, [MostTries, Rest], ct);

    /// <summary>
    /// Whether this is the password of somebody who is signed in. It has a count of its own: whoever tries at the sign-in from outside
    /// must not keep those inside from what they confirm by it.
    /// </summary>
    public async Task<PasswordAnswer> ConfirmAsync(Person person, string password, CancellationToken ct) => (await AskAsync(person, password, ConfirmRight, ConfirmWrong, [MostTries], ct)).Answer;

    private async Task<PasswordTry> AskAsync(Person? person, string password, string right, string wrong, object[] limits, CancellationToken ct)
    {
        var hash = person?.PasswordHash;
        string? renewed = null;
        bool isRight;
        // Made before the first try is measured against it.
        var nobodys = _nobodys.Value;
        await _two.WaitAsync(ct);
        try
        {
            var result = hasher.VerifyHashedPassword(_nobody, hash ?? nobodys, password);
            isRight = hash is not null && result != PasswordVerificationResult.Failed;
            // Made with fewer rounds than today's: hashed anew, now that the password is at hand.
            if (isRight && result == PasswordVerificationResult.SuccessRehashNeeded) renewed = hasher.HashPassword(_nobody, password);
        }
        finally
        {
            _two.Release();
        }

        await using var connection = await dbs.OpenConnectionAsync(TenantScope.None, ct);
        await using var command = new NpgsqlCommand(isRight ? right : wrong, connection);
        foreach (var value in (object[])(isRight ? [person!.Id, hash!] : [person?.Id ?? Guid.Empty, .. limits])) command.Parameters.Add(new() { Value = value });
        var answer = (PasswordAnswer)(int)(await command.ExecuteScalarAsync(ct))!;
        return new PasswordTry(answer, answer == PasswordAnswer.Right ? renewed : null);
    }

    public void Dispose() => _two.Dispose();
}
