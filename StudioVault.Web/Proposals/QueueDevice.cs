using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace StudioVault.Web.Proposals;

/// <summary>What a device keeps for itself.</summary>
/// <param name="Quiet">Only the count, and no sound.</param>
/// <param name="Sound">A soft tone for RED.</param>
/// <param name="Away">What was on the screen when the connection was lost, in milliseconds of the database's clock, or 0.</param>
internal sealed record DeviceSettings(bool Quiet, bool Sound, double Away);

/// <summary>The tablet itself: its tone, its switches, its scroll place. A tab that is gone, or a device that makes no sound, is no fault.</summary>
internal sealed class QueueDevice(IJSRuntime script) : IAsyncDisposable
{
    private IJSObjectReference? _module;
    private IDisposable? _self;

    /// <returns>The device's settings, or null when the tab is gone.</returns>
    public async Task<DeviceSettings?> StartAsync<T>(string module, ElementReference root, T page)
        where T : class
    {
        try
        {
            _module = await script.InvokeAsync<IJSObjectReference>("import", "./" + module);
            if (_module is null) return null;
            var self = DotNetObjectReference.Create(page);
            _self = self;
            return await _module.InvokeAsync<DeviceSettings>("start", root, self);
        }
        catch (JSDisconnectedException)
        {
            return null;
        }
    }

    /// <summary>Remembers a switch on this device.</summary>
    public Task SetAsync(string name, bool on) => RunAsync("set", name, on);

    public Task ToneAsync() => RunAsync("tone");

    /// <summary>Shows the last row of the list.</summary>
    public Task LastAsync() => RunAsync("last");

    /// <summary>The bar shows what is left to do: the keyboard goes there if it would stand nowhere.</summary>
    public Task StandAsync() => RunAsync("stand");

    /// <summary>A proposal was opened or closed: on a phone that is another screen.</summary>
    public Task SettleAsync(bool open) => RunAsync("settle", open);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop");
        try
        {
            if (_module is not null) await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // Gone already.
        }

        _self?.Dispose();
    }

    private async Task RunAsync(string name, params object?[] args)
    {
        if (_module is null) return;
        try
        {
            await _module.InvokeVoidAsync(name, args);
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException)
        {
            // The tab is gone, or it cannot.
        }
    }
}
