using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StudioVault.Web;
using StudioVault.Web.Live;
using Xunit;

namespace StudioVault.Tests.Live;

/// <summary>WEB-10: two people and a stolen circuit id, in the framework's own protocol.</summary>
public sealed class CircuitOwnersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_somebody_elses_circuit_id_does_not_get_the_circuit()
    {
        await using var app = await StartAsync(guarded: true);
        string id;
        await using (var ana = await Wire.OpenAsync(app, "ana")) id = await StartCircuitAsync(ana);
        await using (var eve = await Wire.OpenAsync(app, "eve"))
        {
            Assert.Equal(false, await eve.InvokeAsync("ConnectCircuit", id));
            Assert.Null(await eve.InvokeAsync("ResumeCircuit", id, "http://localhost/", "http://localhost/", "[]", ""));
        }

        await using (var nobody = await Wire.OpenAsync(app, null)) Assert.Equal(false, await nobody.InvokeAsync("ConnectCircuit", id));
        await using var again = await Wire.OpenAsync(app, "ana");
        Assert.Equal(true, await again.InvokeAsync("ConnectCircuit", id));
    }

    /// <summary>When this fails the framework looks itself, and <see cref="CircuitOwners"/> can go.</summary>
    [Fact]
    public async Task The_framework_alone_gives_a_circuit_to_whoever_has_its_id()
    {
        await using var app = await StartAsync(guarded: false);
        string id;
        await using (var ana = await Wire.OpenAsync(app, "ana")) id = await StartCircuitAsync(ana);
        await using var eve = await Wire.OpenAsync(app, "eve");
        Assert.Equal(true, await eve.InvokeAsync("ConnectCircuit", id));
    }

    private static async Task<string> StartCircuitAsync(Wire wire) => Assert.IsType<string>(await wire.InvokeAsync("StartCircuit", "http://localhost/", "http://localhost/", "[]", ""));

    private static async Task<WebApplication> StartAsync(bool guarded)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        if (guarded) builder.Services.AddCircuitOwners();
        var app = builder.Build();
        // Stands in for the cookie: what counts is whom it names.
        app.Use((http, next) =>
        {
            if (http.Request.Headers["X-Who"].ToString() is { Length: > 0 } who) http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, who)], "test"));
            return next(http);
        });
        app.UseAntiforgery();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        await app.StartAsync(Ct);
        return app;
    }

    /// <summary>As much of SignalR with MessagePack as four calls need.</summary>
    private sealed class Wire(ClientWebSocket socket) : IAsyncDisposable
    {
        private readonly Queue<byte[]> _messages = [];
        private int _next;

        public static async Task<Wire> OpenAsync(WebApplication app, string? who)
        {
            var socket = new ClientWebSocket();
            if (who is not null) socket.Options.SetRequestHeader("X-Who", who);
            var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/_blazor" }.Uri, Ct);
            await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, Ct);
            var wire = new Wire(socket);
            var answer = await wire.FrameAsync();
            Assert.Equal("{}\u001e", Encoding.UTF8.GetString(answer));
            return wire;
        }

        /// <summary>Calls and returns the result: text, truth or null.</summary>
        public async Task<object?> InvokeAsync(string method, params string[] args)
        {
            var id = (++_next).ToString(System.Globalization.CultureInfo.InvariantCulture);
            List<byte> message = [0x96, 1, 0x80, .. Text(id), .. Text(method), (byte)(0x90 | args.Length), .. args.SelectMany(Text), 0x90];
            List<byte> frame = [];
            for (var length = message.Count; ;)
            {
                var part = (byte)(length & 0x7F);
                length >>= 7;
                frame.Add(length == 0 ? part : (byte)(part | 0x80));
                if (length == 0) break;
            }

            await socket.SendAsync(frame.Concat(message).ToArray(), WebSocketMessageType.Binary, true, Ct);
            while (true)
            {
                while (_messages.Count == 0) Split(await FrameAsync());
                var at = 0;
                if (Read(_messages.Dequeue(), ref at) is not object?[] { Length: >= 4 } got || got[0] is not 3L || (string?)got[2] != id) continue;
                return got[3] switch { 3L => got[4], 2L => null, _ => throw new InvalidOperationException($"{method}: {got[4]}") };
            }
        }

        public ValueTask DisposeAsync()
        {
            // Without a word, as a tablet that walks out of the Wi-Fi.
            socket.Abort();
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<byte[]> FrameAsync()
        {
            using var whole = new MemoryStream();
            var buffer = new byte[8192];
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer, Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct);
                whole.Write(buffer, 0, got.Count);
                if (got.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException($"Closed: {got.CloseStatusDescription}");
                if (got.EndOfMessage) return whole.ToArray();
            }
        }

        private void Split(byte[] frame)
        {
            for (var at = 0; at < frame.Length;)
            {
                int length = 0, shift = 0;
                while (true)
                {
                    var part = frame[at++];
                    length |= (part & 0x7F) << shift;
                    shift += 7;
                    if (part < 0x80) break;
                }

                _messages.Enqueue(frame[at..(at + length)]);
                at += length;
            }
        }

        private static byte[] Text(string text)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            return [0xDA, (byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8];
        }

        private static object? Read(byte[] m, ref int at)
        {
            var kind = m[at++];
            switch (kind)
            {
                case < 0x80: return (long)kind;
                case < 0x90: return Many(m, ref at, (kind & 0x0F) * 2);
                case < 0xA0: return Many(m, ref at, kind & 0x0F);
                case < 0xC0: return String(m, ref at, kind & 0x1F);
                case 0xC0: return null;
                case 0xC2: return false;
                case 0xC3: return true;
                case 0xC4: return String(m, ref at, m[at++]);
                case 0xC5: return String(m, ref at, (m[at++] << 8) | m[at++]);
                case 0xC6: return String(m, ref at, Four(m, ref at));
                case 0xCC: return (long)m[at++];
                case 0xCD: return (long)((m[at++] << 8) | m[at++]);
                case 0xCE: return (long)Four(m, ref at);
                case 0xD9: return String(m, ref at, m[at++]);
                case 0xDA: return String(m, ref at, (m[at++] << 8) | m[at++]);
                case 0xDB: return String(m, ref at, Four(m, ref at));
                case 0xDC: return Many(m, ref at, (m[at++] << 8) | m[at++]);
                case >= 0xE0: return (long)(sbyte)kind;
                default: at += kind is 0xCF or 0xD3 or 0xCB ? 8 : 4; return null;
            }
        }

        private static int Four(byte[] m, ref int at) => (m[at++] << 24) | (m[at++] << 16) | (m[at++] << 8) | m[at++];

        private static string String(byte[] m, ref int at, int length)
        {
            var text = Encoding.UTF8.GetString(m, at, length);
            at += length;
            return text;
        }

        private static object?[] Many(byte[] m, ref int at, int count)
        {
            var items = new object?[count];
            for (var i = 0; i < count; i++) items[i] = Read(m, ref at);
            return items;
        }
    }
}
