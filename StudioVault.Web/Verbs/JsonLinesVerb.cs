using System.CommandLine;
using System.Text;

namespace StudioVault.Web.Verbs;

/// <summary>A batch verb: JSON Lines in (<c>--jsonl FILE</c>, <c>-</c> for standard input), JSON Lines out.</summary>
internal static class JsonLinesVerb
{
    public static Command Create(string name, string description, Func<TextReader, TextWriter, Task<int>> run)
    {
        var file = new Option<string>("--jsonl") { Description = "File with one JSON object a line; - reads standard input.", Required = true };
        var command = new Command(name, description) { file };
        command.SetAction(async (parsed, ct) =>
        {
            var path = parsed.GetRequiredValue(file);
            try
            {
                await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
                using var input = path == "-" ? new StreamReader(Console.OpenStandardInput(), Encoding.UTF8) : new StreamReader(path, Encoding.UTF8);
                return await run(input, output);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"{path} cannot be read: {e.Message}");
                return VaultVerbs.BadInput;
            }
        });
        return command;
    }
}
