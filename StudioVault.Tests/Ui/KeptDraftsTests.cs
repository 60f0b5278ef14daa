using System.Text;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.JSInterop;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class KeptDraftsTests
{
    private const int OneMessage = 32 * 1024;
    private readonly FakeBrowser _browser = new();

    [Fact]
    public async Task A_long_text_comes_back_whole_in_parts_that_a_circuit_accepts()
    {
        var text = string.Concat(Enumerable.Repeat("Ülkü, 写真, \"quoted\"; ", 3_000));
        await Drafts().KeepAsync("draft:a", text);

        Assert.Equal(text, await Drafts().FindAsync("draft:a"));
        Assert.All(_browser.Values, v => Assert.InRange(Encoding.UTF8.GetByteCount(v), 1, OneMessage - 512));
        Assert.DoesNotContain(_browser.Values, v => v.Contains("quoted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shorter_text_replaces_a_longer_one_and_dropping_leaves_nothing_readable()
    {
        await Drafts().KeepAsync("draft:a", new string('x', 20_000));
        await Drafts().KeepAsync("draft:a", "short");
        Assert.Equal("short", await Drafts().FindAsync("draft:a"));
        // Itself and its stamp: nothing of the longer one stays behind.
        Assert.Equal(2, _browser.Values.Count);

        await Drafts().DropAsync("draft:a");
        Assert.Null(await Drafts().FindAsync("draft:a"));
        Assert.Empty(_browser.Values);
    }

    [Fact]
    public async Task A_text_half_written_or_kept_under_other_keys_is_none()
    {
        await Drafts().KeepAsync("draft:a", new string('x', 20_000));
        _browser.Forget("draft:a#1");
        Assert.Null(await Drafts().FindAsync("draft:a"));

        await Drafts().KeepAsync("draft:b", "text");
        Assert.Null(await Drafts(new EphemeralDataProtectionProvider()).FindAsync("draft:b"));
    }

    [Fact]
    public async Task A_browser_that_is_gone_fails_nothing()
    {
        _browser.Gone = true;
        await Drafts().KeepAsync("draft:a", "text");
        Assert.Null(await Drafts().FindAsync("draft:a"));
        await Drafts().DropAsync("draft:a");
    }

    private static readonly EphemeralDataProtectionProvider Keys = new();

    private KeptDrafts Drafts(IDataProtectionProvider? keys = null) => new(new ProtectedLocalStorage(_browser, keys ?? Keys));

    private sealed class FakeBrowser : IJSRuntime
    {
        private readonly Dictionary<string, string> _kept = [];

        public bool Gone { get; set; }

        public IReadOnlyCollection<string> Values => _kept.Values;

        public void Forget(string key) => _kept.Remove(key);

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args)
        {
            if (Gone) throw new JSDisconnectedException("gone");
            var key = (string)args![0]!;
            switch (identifier)
            {
                case "localStorage.setItem":
                    _kept[key] = (string)args[1]!;
                    return default;
                case "localStorage.removeItem":
                    _kept.Remove(key);
                    return default;
                default:
                    return ValueTask.FromResult((TValue)(object?)_kept.GetValueOrDefault(key)!);
            }
        }

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => InvokeAsync<TValue>(identifier, args);
    }
}
