using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>Features row 5.8: the sink beside PostgreSQL.</summary>
public sealed class AttemptFileTests : IDisposable
{
    private static readonly DateTimeOffset November = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);
    private readonly ShortFolder _folder = new();
    private readonly AttemptFile _file;

    public AttemptFileTests() => _file = new AttemptFile(_folder["audit"], NullLogger<AttemptFile>.Instance);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Intent_and_outcome_stand_there_as_lines_one_file_a_month()
    {
        var intent = Line(November, "intent");
        var outcome = intent with { Phase = "outcome", Outcome = "failed", ReasonCode = "refuse.kernel.not_found" };
        Assert.True(_file.Append(intent));
        Assert.True(_file.Append(outcome));
        Assert.True(_file.Append(Line(November.AddDays(10), "intent")));
        Assert.Equal([intent, outcome], _file.Read(November));
        Assert.Equal(["attempts-2026-11.jsonl", "attempts-2026-12.jsonl"], Directory.GetFiles(_folder["audit"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(2, File.ReadAllLines(_file.PathOf(November)).Length);
    }

    [Fact]
    public async Task Lines_of_many_writers_do_not_mix()
    {
        var other = new AttemptFile(_folder["audit"], NullLogger<AttemptFile>.Instance);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => { for (var i = 0; i < 10; i++) Assert.True(_file.Append(Line(November, "intent"))); })));
        Assert.True(other.Append(Line(November, "outcome")));
        Assert.Equal(41, _file.Read(November).Count);
    }

    [Fact]
    public void A_line_cut_off_by_a_power_cut_swallows_no_other()
    {
        _file.Append(Line(November, "intent"));
        File.AppendAllText(_file.PathOf(November), "{\"at\":\"2026-");
        _file.Append(Line(November, "outcome"));
        Assert.Equal(["intent", "outcome"], _file.Read(November).Select(l => l.Phase));
    }

    [Fact]
    public void What_cannot_be_written_is_said_until_a_line_gets_through_again()
    {
        File.WriteAllText(_folder["audit"], "a file where the folder should be");
        Assert.False(_file.Append(Line(November, "intent")));
        Assert.NotNull(_file.Trouble);
        File.Delete(_folder["audit"]);
        Assert.True(_file.Append(Line(November, "intent")));
        Assert.Null(_file.Trouble);
    }

    private static AttemptLine Line(DateTimeOffset at, string phase) => new(at, phase, Guid.NewGuid(), Guid.NewGuid(), "client.message", new string('a', 64));
}
