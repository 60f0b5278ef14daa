using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>What a failure of PostgreSQL means to the person who sent the command.</summary>
public static class VaultErrors
{
    /// <summary>The refusal a storage failure stands for, or null when the exception is a bug and must surface.</summary>
    public static Refusal? AsRefusal(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case PostgresException { SqlState: SchemaProtection.NoAuditState }:
                    return AuditRefusals.Unavailable;
                case PostgresException { SqlState: PostgresErrorCodes.DiskFull }:
                    return KernelRefusals.StorageFull;
                case PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled }:
                case PostgresException { IsTransient: true }:
                case PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "25P03" }:
                // A server that only reads, as a standby does until it is promoted; one that does not know our password or our database, as in
                // the middle of a failover or a restore. None of it is the fault of the command, and all of it passes.
                case PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidCatalogName }:
                    return KernelRefusals.StorageUnavailable;
                case PostgresException:
                    return null;
                case NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException:
                    return KernelRefusals.StorageUnavailable;
                // What Npgsql says (seen with version 10) when a connection breaks between two statements and the next one finds it torn down.
                case ObjectDisposedException { ObjectName: "System.Threading.ManualResetEventSlim" }:
                    return KernelRefusals.StorageUnavailable;
            }
        }

        return null;
    }

    /// <summary>
    /// The refusal a failure stands for when it is surely one of PostgreSQL: for places where other input and output fails too, such as
    /// the files of a delivery or the body of a request.
    /// </summary>
    public static Refusal? OfDatabase(Exception exception) => IsOfDatabase(exception) ? AsRefusal(exception) : null;

    /// <summary>
    /// Whether a loop of a node logs this and goes on trying. Everything PostgreSQL can say counts, also what no command is refused with:
    /// a loop that let it through would end the whole node, and with it the pages that still work.
    /// </summary>
    public static bool IsForALoop(Exception exception) => AsRefusal(exception) is not null || IsOfDatabase(exception);

    /// <summary>
    /// Somebody else's change came first. The command looks again at what is there now, so that its answer can say who did what
    /// instead of only "try again".
    /// </summary>
    public static bool IsLostRace(Exception exception) => exception is DbUpdateConcurrencyException
        || exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }
        || exception is DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } };

    /// <summary>
    /// The connection is gone: cut off, or ended by the server. PostgreSQL rolls back what was not committed, so the whole
    /// transaction may be tried once more on a fresh connection. No answer in time is not that: trying again would only take longer.
    /// </summary>
    public static bool IsCutOff(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case TimeoutException:
                    return false;
                case PostgresException p:
                    return p.SqlState is "57P01" or "57P02" or "25P03";
                case System.Net.Sockets.SocketException or IOException:
                    return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the server has heard of it is unknown: the connection is gone, or no answer came. A statement the server itself cancelled
    /// (57014) is an answer: it did not happen.
    /// </summary>
    public static bool IsSilence(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is PostgresException p) return p.SqlState is "57P01" or "57P02";
        return AsRefusal(exception) is not null;
    }

    /// <summary>What passes only when the operator does something: a password or a database that is not known.</summary>
    public static bool IsForTheOperator(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidCatalogName }) return true;
        return false;
    }

    /// <summary>Whether PostgreSQL, or the way to it, is somewhere in the cause.</summary>
    public static bool IsOfDatabase(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is NpgsqlException) return true;
        return false;
    }

    /// <summary>Lost a race that a second try of the whole transaction may win (APP-10).</summary>
    public static bool IsRetryable(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected })
                return true;
        return false;
    }
}
