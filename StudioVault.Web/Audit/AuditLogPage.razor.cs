using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Live;
using StudioVault.Web.Organization;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Audit;

/// <summary>
/// The audit log: HQ's of everything, a manager's of the branch. Filter, page and open entry stand in the address. New entries
/// are counted, not pushed in, unless the reader follows; nothing moves under the reader.
/// </summary>
public sealed partial class AuditLogPage : ComponentBase, IAsyncDisposable
{
    /// <summary>Entries without an event (a sign-in, a refusal) ring no bell, so the page also looks by itself.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private IDisposable? _feed;
    private ITimer? _beat;
    private IJSObjectReference? _script;
    private AuditReader? _reader;
    private AuditAddress _address = new();
    private Refusal? _refusal;
    private Refusal? _detailRefusal;
    private Guid? _settled;
    private int _arrived;
    private int _turn;
    private bool _looking;
    private bool _gone;

    /// <summary>An entry by its place in the log.</summary>
    [Parameter]
    public long? Leaf { get; set; }

    /// <summary>Key of what was read while the page was prerendered.</summary>
    [PersistentState]
    public Guid? Carried { get; set; }

    [Inject] private AuditQueries Audit { get; set; } = default!;
    [Inject] private Session Session { get; set; } = default!;
    [Inject] private LiveFeed Live { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private IJSRuntime Script { get; set; } = default!;
    [Inject] private PageCarry Carry { get; set; } = default!;

    private AuditShown? Shown { get; set; }

    private bool IsOpen => _address.Entry is not null || _detailRefusal is not null;

    private bool IsAtTop => _address.Cursor == AuditCursor.Newest;

    private DateOnly Today => AuditTime.Day(Time.GetUtcNow(), Shown!.Zone);

    private string Sealed => Shown?.Head switch
    {
        { Newest: { } seal } head when seal.Size >= head.Numbered => string.Create(CultureInfo.CurrentCulture, $"{head.Numbered:N0} entries in the log, all signed."),
        { Newest: { } seal } head => string.Create(CultureInfo.CurrentCulture, $"{head.Numbered:N0} entries in the log, signed up to {seal.Size - 1:N0}; the rest follows in seconds."),
        _ => "",
    };

    protected override void OnInitialized()
    {
        if (!RendererInfo.IsInteractive) return;
        Shown = Carry.Take<AuditShown>(Carried);
        Navigation.LocationChanged += Moved;
        _feed = Live.Subscribe(e => _reader is { } reader && (reader.Branch is null || e.Branch == reader.Branch), _ => InvokeAsync(LookAsync));
        _beat = Time.CreateTimer(_ => _ = InvokeAsync(LookAsync), null, Beat, Beat);
    }

    protected override Task OnParametersSetAsync() => ShowAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!RendererInfo.IsInteractive || _gone) return;
        if (firstRender)
        {
            _settled = _address.Entry;
            return;
        }

        // On a narrow screen the open entry takes the list's place, so the focus has to go with it, and back again.
        if (_settled == _address.Entry || (_address.Entry is { } entry && Shown?.Detail?.Line.Id != entry && _detailRefusal is null)) return;
        var left = _settled;
        _settled = _address.Entry;
        _script ??= await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Audit/AuditLogPage.razor.js"]);
        await _script.InvokeVoidAsync("settle", left, _address.Entry);
    }

    public async ValueTask DisposeAsync()
    {
        _gone = true;
        Navigation.LocationChanged -= Moved;
        _feed?.Dispose();
        _beat?.Dispose();
        try
        {
            if (_script is not null) await _script.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and the module with it.
        }
    }

    private string HrefOf(AuditLine line) => (_address with { Entry = line.Id }).Href;

    private void Go(AuditAddress address) => Navigation.NavigateTo(address.Href);

    // The query is no parameter of the page: a filter, a page or an entry changes it alone.
    private void Moved(object? sender, LocationChangedEventArgs change)
    {
        if (_gone || new Uri(change.Location).AbsolutePath != AuditAddress.Path) return;
        _ = InvokeAsync(async () =>
        {
            await ShowAsync();
            StateHasChanged();
        });
    }

    /// <summary>Shows what the address says now. A newer address overtakes an older one that is still being read.</summary>
    private async Task ShowAsync()
    {
        var turn = ++_turn;
        var address = AuditAddress.Read(Navigation.Uri);
        if (Leaf is null) _address = address;
        var state = await Session.GetAsync();
        if (state.View is null || turn != _turn) return;
        if (!state.IsHqAdmin && state.Branch is null)
        {
            _refusal = KernelRefusals.NotAllowed.With("an HQ administrator or a branch manager");
            return;
        }

        var reader = new AuditReader(state.Sender, state.IsHqAdmin ? null : state.BranchId);
        if (Leaf is { } leaf)
        {
            var found = await Audit.EntryAtAsync(reader, leaf, CancellationToken.None);
            if (turn != _turn) return;
            _detailRefusal = found.Refusal;
            address = address with { Entry = found.IsRefused ? null : found.Value };
        }
        else
        {
            _detailRefusal = null;
        }

        (_reader, _address) = (reader, address);
        if (Shown is { } before && before.Href == address.Href) return;
        var (zone, place) = state.IsHqAdmin ? ("UTC", null) : (state.Branch!.TimeZone, state.Branch.Name);
        var shown = await ReadAsync(reader, address, zone, place);
        if (turn != _turn) return;
        _refusal = shown.Refusal;
        if (shown.IsRefused) return;
        Shown = shown.Value;
        _arrived = 0;
        if (!RendererInfo.IsInteractive) Carried = Carry.Put(shown.Value);
    }

    /// <summary>The list (unless it is the one that is shown already) and the open entry.</summary>
    private async Task<Result<AuditShown>> ReadAsync(AuditReader reader, AuditAddress address, string zone, string? place)
    {
        var shown = Shown;
        if (shown is null)
        {
            if (!(await Audit.ChoicesAsync(reader, CancellationToken.None)).TryGet(out var choices, out var refusal)) return refusal;
            shown = new AuditShown("", place, zone, choices, new AuditSlice([], false, false, null, null, false), null, null);
        }

        if (shown.Href.Length == 0 || AuditAddress.Of(shown.Href).List != address.List)
        {
            if (!(await SliceAsync(reader, shown, address)).TryGet(out var slice, out var refusal)) return refusal;
            var head = await Audit.HeadAsync(reader, CancellationToken.None);
            shown = shown with { Slice = slice, Head = head.IsRefused ? shown.Head : head.Value };
        }

        if (address.Entry is not { } entry) return shown with { Href = address.Href, Detail = null };
        var detail = await Audit.DetailAsync(reader, entry, CancellationToken.None);
        _detailRefusal = detail.Refusal;
        return shown with { Href = address.Href, Detail = detail.IsRefused ? null : detail.Value };
    }

    private async Task<Result<AuditSlice>> SliceAsync(AuditReader reader, AuditShown shown, AuditAddress address) =>
        address.ToFilter(shown.Zone, shown.Choices.Places) is { } filter
            ? await Audit.PageAsync(reader, filter, address.Cursor, CancellationToken.None)
            : new AuditSlice([], false, false, null, null, false);

    private async Task ShowNewestAsync()
    {
        if (_reader is not { } reader || Shown is not { } shown) return;
        var turn = ++_turn;
        if ((await SliceAsync(reader, shown, _address)).TryGet(out var slice, out _) && turn == _turn)
            (Shown, _arrived) = (Shown with { Slice = slice }, 0);
    }

    /// <summary>Has anything happened? Counts it, or shows it to who follows; numbers that were still missing are filled in.</summary>
    private async Task LookAsync()
    {
        if (_looking || _gone || _reader is not { } reader || Shown is not { } shown) return;
        _looking = true;
        var turn = _turn;
        try
        {
            var newest = await SliceAsync(reader, shown, _address.Top);
            var head = await Audit.HeadAsync(reader, CancellationToken.None);
            var detail = shown.Detail is { Seal: null } waiting ? await Audit.DetailAsync(reader, waiting.Line.Id, CancellationToken.None) : default;
            if (_gone || turn != _turn || newest.IsRefused || head.IsRefused) return;
            var known = newest.Value.Lines.ToDictionary(l => l.Id);
            var follows = IsAtTop && _address.Follow;
            _arrived = IsAtTop && !follows ? known.Keys.Except(shown.Slice.Lines.Select(l => l.Id)).Count() : 0;
            Shown = shown with
            {
                Head = head.Value,
                Slice = follows ? newest.Value : shown.Slice with { Lines = [.. shown.Slice.Lines.Select(l => l.Index is null ? known.GetValueOrDefault(l.Id, l) : l)] },
                Detail = shown.Detail is { Seal: null } && !detail.IsRefused ? detail.Value : shown.Detail,
            };
            StateHasChanged();
        }
        finally
        {
            _looking = false;
        }
    }
}
