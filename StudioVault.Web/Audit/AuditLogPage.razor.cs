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
    /// <summary>Lines that are kept while new ones come in above.</summary>
    private const int MostFollowed = 500;

    /// <summary>Entries without an event (a sign-in, a refusal) ring no bell, so the page also looks by itself.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private IDisposable? _feed;
    private ITimer? _beat;
    private IJSObjectReference? _script;
    private AuditReader? _reader;
    private AuditAddress _address = new();
    private Refusal? _refusal;
    private Refusal? _detailRefusal;
    private string? _settled;
    private IReadOnlyList<AuditSavedView> _views = [];
    private string _person = "";
    private bool _checking;
    private bool _held;
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
    [Inject] private AuditReads Reads { get; set; } = default!;
    [Inject] private AuditChecks Checks { get; set; } = default!;
    [Inject] private AuditAlarms Alarms { get; set; } = default!;
    [Inject] private Session Session { get; set; } = default!;
    [Inject] private LiveFeed Live { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private IJSRuntime Script { get; set; } = default!;
    [Inject] private PageCarry Carry { get; set; } = default!;

    private AuditShown? Shown { get; set; }

    private bool IsOpen => _address.Entry is not null || _address.Check is not null || _address.Export || _detailRefusal is not null;

    /// <summary>Numbers of the lines that are shown.</summary>
    private (long From, long To)? OnScreen => Shown?.Slice.Lines.Select(l => l.Index).OfType<long>().ToList() is { Count: > 0 } numbers ? (numbers.Min(), numbers.Max()) : null;

    private string VerifyHref => Shown?.Detail?.Line.Index is { } index ? (_address.Closed with { Check = index.ToString(CultureInfo.InvariantCulture) }).Href : "";

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
            _settled = Side;
            if (_person.Length == 0) return;
            _views = await (await ScriptAsync()).InvokeAsync<AuditSavedView[]>("views", _person) ?? [];
            if (_views.Count > 0) StateHasChanged();
            return;
        }

        if (_held)
        {
            _held = false;
            await (await ScriptAsync()).InvokeVoidAsync("release");
        }

        // On a narrow screen the open entry takes the list's place, so the focus has to go with it, and back again.
        if (_settled == Side || (_address.Entry is { } entry && Shown?.Detail?.Line.Id != entry && _detailRefusal is null)) return;
        var left = _settled;
        _settled = Side;
        await (await ScriptAsync()).InvokeVoidAsync("settle", left, Side);
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

    /// <summary>What stands beside the list.</summary>
    private string? Side => _address.Entry?.ToString() ?? (_address.Check is not null ? "check" : _address.Export ? "export" : null);

    private async Task<IJSObjectReference> ScriptAsync() => _script ??= await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Audit/AuditLogPage.razor.js"]);

    private Task SaveViewAsync(AuditSavedView view) => KeepViewsAsync([.. _views.Where(v => v.Name != view.Name), view]);

    private Task ForgetViewAsync(AuditSavedView view) => KeepViewsAsync([.. _views.Where(v => v != view)]);

    private async Task KeepViewsAsync(IReadOnlyList<AuditSavedView> views)
    {
        _views = views;
        await (await ScriptAsync()).InvokeVoidAsync("keepViews", _person, views);
    }

    private string HrefOf(AuditLine line) => (_address.Closed with { Entry = line.Id }).Href;

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
        if (turn != _turn) return;
        if (state.View is null)
        {
            _refusal = state.Refusal;
            return;
        }

        if (!state.IsHqAdmin && state.Branch is null)
        {
            _refusal = KernelRefusals.NotAllowed.With("an HQ administrator or a branch manager");
            return;
        }

        var reader = new AuditReader(state.Sender, state.IsHqAdmin ? null : state.BranchId);
        _person = state.Sender.PersonId?.ToString() ?? "";
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
        // A refusal is no state to carry: the page asks again and shows it.
        if (!RendererInfo.IsInteractive && _detailRefusal is null) Carried = Carry.Put(shown.Value);
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
            if (address.ToFilter(shown.Zone, shown.Choices.Places) is { } filter) await Reads.ListAsync(reader, filter, CancellationToken.None);
            var head = await Audit.HeadAsync(reader, CancellationToken.None);
            shown = shown with { Slice = slice, Head = head.IsRefused ? shown.Head : head.Value };
        }

        shown = shown with { Href = address.Href, Detail = null, Check = null };
        if (AuditAddress.Range(address.Check) is { } range) return await CheckedAsync(reader, shown, range);
        if (address.Entry is not { } entry) return shown;
        var detail = await Audit.DetailAsync(reader, entry, CancellationToken.None);
        _detailRefusal = detail.Refusal;
        if (detail.IsRefused) return shown;
        await Reads.EntryAsync(reader, entry, detail.Value.Line.Index, CancellationToken.None);
        return shown with { Detail = detail.Value };
    }

    /// <summary>Checks what the address asks for; the page says so meanwhile.</summary>
    private async Task<Result<AuditShown>> CheckedAsync(AuditReader reader, AuditShown shown, (long From, long To) range)
    {
        if (RendererInfo.IsInteractive && Shown is not null)
        {
            (Shown, _checking) = (shown with { Href = "" }, true);
            StateHasChanged();
        }

        var check = await Checks.CheckAsync(reader, range.From, range.To, CancellationToken.None);
        (_checking, _detailRefusal) = (false, check.Refusal);
        return check.IsRefused ? shown : shown with { Check = check.Value };
    }

    private async Task<Result<AuditSlice>> SliceAsync(AuditReader reader, AuditShown shown, AuditAddress address)
    {
        return address.ToFilter(shown.Zone, shown.Choices.Places) is { } filter
            ? await Audit.PageAsync(reader, filter, address.Cursor, CancellationToken.None)
            : new AuditSlice([], false, false, null, null, false);
    }

    /// <summary>The lines shown with the new ones above them; what is read stays in the list.</summary>
    private static AuditSlice Above(AuditSlice newest, AuditSlice shown)
    {
        var known = newest.Lines.Select(l => l.Id).ToHashSet();
        // More came in than a page holds: between the two would be a hole.
        if (!shown.Lines.Any(l => known.Contains(l.Id))) return newest;
        List<AuditLine> lines = [.. newest.Lines, .. shown.Lines.Where(l => !known.Contains(l.Id))];
        return newest with { Lines = [.. lines.Take(MostFollowed)], HasOlder = shown.HasOlder || lines.Count > MostFollowed };
    }

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
            var fresh = follows && newest.Value.Lines.Any(l => shown.Slice.Lines.All(s => s.Id != l.Id));
            if (fresh)
            {
                await (await ScriptAsync()).InvokeVoidAsync("hold");
                if (_gone || turn != _turn) return;
                _held = true;
            }

            _arrived = IsAtTop && !follows ? known.Keys.Except(shown.Slice.Lines.Select(l => l.Id)).Count() : 0;
            Shown = shown with
            {
                Head = head.Value,
                Slice = follows ? Above(newest.Value, shown.Slice) : shown.Slice with { Lines = [.. shown.Slice.Lines.Select(l => l.Index is null ? known.GetValueOrDefault(l.Id, l) : l)] },
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
