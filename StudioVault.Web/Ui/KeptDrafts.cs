using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.JSInterop;

namespace StudioVault.Web.Ui;

/// <summary>
/// Unsaved work in the browser of the person who does it, encrypted: it outlives the circuit, a reload and a restart of the server.
/// A circuit takes 32 KB in one message, so a long text comes and goes in parts. Nothing here may fail a page: a browser that keeps
/// nothing only means that a reload begins anew.
/// </summary>
/// <param name="storage">The browser's storage; only to be asked once a circuit is there.</param>
public sealed class KeptDrafts(ProtectedLocalStorage storage)
{
    /// <summary>Characters of a part: at three bytes each, encrypted and in base 64, it still fits one message.</summary>
    private const int Part = 6_000;

    /// <summary>Keeps a text under a key; what was there before is gone.</summary>
    public Task KeepAsync(string key, string text) => TryAsync(async () =>
    {
        var parts = (text.Length + Part - 1) / Part;
        var before = await PartsAsync(key);
        for (var i = 0; i < parts; i++) await storage.SetAsync(KeyOf(key, i), text.Substring(i * Part, Math.Min(Part, text.Length - (i * Part))));
        // The count comes last: a connection lost on the way leaves the older text unreadable, not half of each.
        await storage.SetAsync(key, Stamp(parts, text));
        for (var i = parts; i < before; i++) await storage.DeleteAsync(KeyOf(key, i));
    });

    /// <summary>The kept text, or null when there is none that can be read.</summary>
    public async Task<string?> FindAsync(string key)
    {
        string? found = null;
        await TryAsync(async () =>
        {
            if (await storage.GetAsync<string>(key) is not { Success: true, Value: { } stamp }) return;
            var parts = PartsOf(stamp);
            var text = new System.Text.StringBuilder();
            for (var i = 0; i < parts; i++) text.Append((await storage.GetAsync<string>(KeyOf(key, i))).Value);
            if (Stamp(parts, text.ToString()) == stamp) found = text.ToString();
        });
        return found;
    }

    /// <summary>Forgets what is kept under a key.</summary>
    public Task DropAsync(string key) => TryAsync(async () =>
    {
        var parts = await PartsAsync(key);
        await storage.DeleteAsync(key);
        for (var i = 0; i < parts; i++) await storage.DeleteAsync(KeyOf(key, i));
    });

    // What was kept under keys that are gone cannot be read, and is written over.
    private async Task<int> PartsAsync(string key)
    {
        try
        {
            return await storage.GetAsync<string>(key) is { Success: true, Value: { } stamp } ? PartsOf(stamp) : 0;
        }
        catch (CryptographicException)
        {
            return 0;
        }
    }

    private static int PartsOf(string stamp) => int.TryParse(stamp.Split(' ')[0], CultureInfo.InvariantCulture, out var parts) ? parts : 0;

    private static string KeyOf(string key, int part) => string.Create(CultureInfo.InvariantCulture, $"{key}#{part}");

    private static string Stamp(int parts, string text) => string.Create(CultureInfo.InvariantCulture, $"{parts} {Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..16]}");

    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or CryptographicException or OperationCanceledException)
        {
            // The browser is gone or full, or the text was kept under keys that are gone.
        }
    }
}
