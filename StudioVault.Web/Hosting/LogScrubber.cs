using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Takes out of a log line what must not stay in a log: whoever knows a circuit id may take the circuit over (WEB-10), and
/// passwords and tokens speak for themselves (SEC-2). The frameworks below us write such things into their messages.
/// </summary>
internal static partial class LogScrubber
{
    public const string Hidden = "(hidden)";

    private static readonly string[] SecretNames = ["circuitid", "connectiontoken", "token", "password", "secret", "cookie", "authorization", "connectionstring"];

    /// <summary>The message of an entry, cleaned, and the named values behind it, cleaned too.</summary>
    public static (string Message, IReadOnlyList<KeyValuePair<string, string>> Values) Clean<TState>(in LogEntry<TState> entry)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        var values = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in entry.State as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            if (name == "{OriginalFormat}" || value is null)
                continue;
            var text = value as string ?? Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
            if (text.Length > 0 && Array.Exists(SecretNames, n => name.Contains(n, StringComparison.OrdinalIgnoreCase)))
            {
                message = message.Replace(text, Hidden, StringComparison.Ordinal);
                text = Hidden;
            }
            values.Add(new(name, CleanText(text)));
        }
        return (CleanText(message), values);
    }

    /// <summary>A text without passwords, tokens and the ids of sockets in addresses.</summary>
    public static string CleanText(string text) => LinkToken().Replace(SocketId().Replace(Assignment().Replace(AgentKey().Replace(text, "$1" + Hidden), "$1" + Hidden), "$1" + Hidden), "$1" + Hidden);

    // Password=abc; "token":"abc"; ?code=abc
    [GeneratedRegex("""((?:password|pwd|secret|token|api_?key|passphrase)["']?\s*[=:]\s*["']?)(?!\(hidden\))[^\s;,&"']+""", RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    // svk_<id>_<secret>, wherever it stands: the first characters tell which key it was
    [GeneratedRegex("(svk_[0-9a-f]{8})[0-9a-f]{0,24}_[A-Za-z0-9_-]+", RegexOptions.IgnoreCase)]
    private static partial Regex AgentKey();

    // /c/abc…/sign?s=…: whoever knows a client's link is that client; /password/abc…: whoever knows it chooses the password
    [GeneratedRegex("""(/(?:[cd]|password)/)(?!\(hidden\))[A-Za-z0-9_-]{16,}[^\s"']*""")]
    private static partial Regex LinkToken();

    // /_blazor?id=abc, /hubs/live?id=abc
    [GeneratedRegex("""((?:_blazor|/hubs/)[^\s"]*?[?&]id=)[^&\s"]+""", RegexOptions.IgnoreCase)]
    private static partial Regex SocketId();
}
