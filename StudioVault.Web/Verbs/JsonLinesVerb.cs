using System.CommandLine;
using System.Text;

namespace StudioVault.Web.Verbs;

/// <summary>A batch verb: JSON Lines in (<c>--jsonl FILE</c>, <c>-</c> for standard input), JSON Lines out.</summary>
internal static class JsonLinesVerb
{
    /// <summary>A verb that reads and writes text.</summary>
    public static Command Create(string name, string description, Func<TextReader, TextWriter, Task<int>> run) => Create(name, description, async (Stream input, Stream output) =>
    {
        using var reader = new StreamReader(input, Encoding.UTF8);
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16);
        return await run(reader, writer);
    });

    /// <summary>A verb that reads and writes bytes.</summary>
    public static Command Create(string name, string description, Func<Stream, Stream, Task<int>> run)
    {
        var file = new Option<string>("--jsonl") { Description = "File with one JSON object a line; - reads standard input.", Required = true };
        var command = new Command(name, description) { file };
        command.SetAction(async (parsed, ct) =>
        {
            var path = parsed.GetRequiredValue(file);
            try
            {
                await using var output = Console.OpenStandardOutput();
                await using var input = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
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
