using System.Diagnostics;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The command itself, from outside: <c>packages merge --jsonl FILE</c>, its output and its exit codes.</summary>
public sealed class MergeVerbTests : IDisposable
{
    private const string Good = """{"id":"1","base":{"a":1},"branch":{"a":1},"hq":{"a":2}}""";
    private const string Answer = """{"id":"1","merged":{"a":2},"offered":["/a"],"conflicts":[]}""";
    private readonly ShortFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_the_file_writes_a_line_for_each_and_ends_with_0()
    {
        var (code, output, errors) = await RunAsync("--jsonl", File($"{Good}\n\n{Good}\n"));
        Assert.Equal((0, $"{Answer}\n{Answer}\n", ""), (code, output, errors));
    }

    [Fact]
    public async Task A_bad_line_is_answered_in_its_place_and_the_end_is_1()
    {
        var (code, output, _) = await RunAsync("--jsonl", File($"not json\n{Good}"));
        Assert.Equal((1, """{"id":null,"error":"refuse.package.not_json"}""" + $"\n{Answer}\n"), (code, output));
    }

    [Fact]
    public async Task An_empty_file_has_nothing_wrong_in_it() => Assert.Equal((0, "", ""), await RunAsync("--jsonl", File("")));

    [Fact]
    public async Task A_file_that_cannot_be_read_is_bad_input_and_named()
    {
        var (code, output, errors) = await RunAsync("--jsonl", _folder["none.jsonl"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("none.jsonl cannot be read", errors, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("--jsonl", _folder.Path)).Code);
    }

    [Fact]
    public async Task Without_a_file_it_is_bad_input() => Assert.Equal(2, (await RunAsync()).Code);

    [Theory]
    [InlineData("--bogus")]
    [InlineData("more")]
    public async Task A_word_it_does_not_know_is_bad_input_and_nothing_is_merged(string word)
    {
        var (code, output, errors) = await RunAsync("--jsonl", File(Good), word);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"“{word}”", errors, StringComparison.Ordinal);
    }

    private string File(string content)
    {
        var path = _folder[$"{Guid.NewGuid():N}.jsonl"];
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        var ct = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "StudioVault.Web"), ["packages", "merge", .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output, await errors);
    }
}
