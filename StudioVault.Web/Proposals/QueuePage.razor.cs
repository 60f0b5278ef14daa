using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proposals;

/// <summary>
/// The queue of a branch: what waits, what runs, what became of it, and the decision on the one that is open. Filter and open proposal
/// stand in the address. Nothing moves under a finger, nothing is decided on what may no longer be so. What it knows is
/// <see cref="QueueReading"/>'s, what it does <see cref="QueueDesk"/>'s.
/// </summary>
public sealed partial class QueuePage : ComponentBase, IAsyncDisposable
{
    /// <summary>The page looks by itself, too: an event can be lost, and times run out without one.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LooksAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NumberedAfter = TimeSpan.FromMilliseconds(800);

    /// <summary>Each pause twice as long as the one before; then the page's own beat goes on.</summary>
    private const int MostNumberLooks = 4;

    private QueueReading _reading = default!;
    private QueueDesk _desk = default!;
    private QueuePresence _presence = default!;
    private QueueDevice _device = default!;
    private ElementReference _root;
    private SessionState? _session;
    private IDisposable? _feed;
    private ITimer? _beat;
    private ITimer? _looks;
    private ITimer? _number;
    private int _numberLooks;
    private (Guid? Id, string? Group)? _open;
    private Guid? _settled;
    private string? _away;
    private bool _isLooking;
    private bool _isQuiet;
    private bool _hasSound;
    private bool _gone;
    private QueueHistoryChoices? _choices;

    /// <summary>The open proposal.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    /// <summary>Null for what is to decide; review, running, done or all.</summary>
    [SupplyParameterFromQuery]
    public string? Show { get; set; }

    /// <summary>The open group of equal ones.</summary>
    [SupplyParameterFromQuery]
    public string? Group { get; set; }

    /// <summary>Conditions on the history, as <see cref="HistoryAddress"/> reads them.</summary>
    [SupplyParameterFromQuery]
    public string? Capability { get; set; }

    [SupplyParameterFromQuery]
    public string? Who { get; set; }

    [SupplyParameterFromQuery]
    public string? From { get; set; }

    [SupplyParameterFromQuery]
    public string? To { get; set; }

    /// <summary>Key of what was read while the page was prerendered.</summary>
    [PersistentState]
    public Guid? Carried { get; set; }

    [Inject] private ProposalQueries Proposals { get; set; } = default!;
    [Inject] private QueueHistories Histories { get; set; } = default!;
    [Inject] private LookCommands Looks { get; set; } = default!;
    [Inject] private DecisionCommands Decisions { get; set; } = default!;
    [Inject] private ProposalCommands Commands { get; set; } = default!;
    [Inject] private Session Session { get; set; } = default!;
    [Inject] private LiveFeed Live { get; set; } = default!;
    [Inject] private PresenceBoard Board { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private IJSRuntime Script { get; set; } = default!;
    [Inject] private PageCarry Carry { get; set; } = default!;
    [Inject] private Dialogs Dialogs { get; set; } = default!;
    [Inject] private IServiceProvider Services { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private string Zone => _session?.Branch?.TimeZone ?? "UTC";

    private PersonId? Me => _session?.Sender.PersonId;

    private BranchId Branch => _session!.BranchId!.Value;

    private QueueOrder Order => _reading.Order;

    private QueueFilter Filter => Show switch
    {
        "review" => QueueFilter.Review,
        "running" => QueueFilter.Running,
        "done" => QueueFilter.Done,
        "all" => QueueFilter.All,
        _ => QueueFilter.Open,
    };

    /// <summary>Only the history has conditions.</summary>
    private HistoryAddress History => Filter is QueueFilter.Done or QueueFilter.All ? HistoryAddress.Read(Capability, Who, From, To, out _) : HistoryAddress.Everything;

    private (QueueFilter, string, int)[] Filters =>
    [
        (QueueFilter.Open, "To decide", _reading.View?.Open ?? 0),
        (QueueFilter.Review, "Review", _reading.View?.Review ?? 0),
        (QueueFilter.Running, "Running", _reading.View?.UnderWay.Count ?? 0),
        (QueueFilter.Done, "Done", 0),
        (QueueFilter.All, "All", 0),
    ];

    private bool IsDetail => Id is not null || GroupEntry is not null;

    private bool Off => _desk.IsBusy || _reading.IsStale;

    private QueueEntry? GroupEntry => Group is null || Id is not null ? null : Order.Entries.FirstOrDefault(e => e.Key == "g" + Group);

    private IReadOnlyList<QueueRow> GroupOpen => [.. (GroupEntry?.Rows ?? []).Where(r => ProposalMachine.IsOpen(r.State) && !_desk.LeftOut.Contains(r.Id) && !r.IsMine)];

    private string? CurrentKey => Id is { } id ? Order.Of(id)?.Key ?? id.ToString() : GroupEntry?.Key;

    private IReadOnlyList<QueueRow> MineRunning => [.. (_reading.View?.UnderWay ?? []).Where(r => r is { IsApprovedByMe: true, State: ProposalState.Grace, GraceUntil: not null } && r.Id.Value != Id)];

    private string Query => History.Query(Show);

    private string NextHref => Order.Next(CurrentKey) is { } next ? EntryHref(next) : "/queue" + Query;

    private string Pill => (Order.New, Order.Over) switch
    {
        ( > 0 and var n, 0) => $"{n} new",
        (0, var o) => $"Clear {o} that {(o == 1 ? "is" : "are")} done",
        var (n, o) => $"{n} new, {o} done",
    };

    /// <summary>The stop that covers the open one, in words.</summary>
    private string? Stopped => _reading is { View: { } view, One: { } one } && view.Stops.FirstOrDefault(s => s.Covers(one.Row.Area, one.Row.Capability, one.Branch, Proposal.AgentsOf(one.Chain), one.Card.HoldsBack)) is { } stop
        ? $"{stop.ThrownByName} stopped {stop.Words}." : null;

    protected override void OnInitialized()
    {
        // Only the demo has it.
        _simulator = Services.GetService<DemoSimulator>();
        _reading = new QueueReading(Proposals, Time, OnRead);
        _desk = new QueueDesk(Decisions, Commands, Looks, Dialogs, Toasts, Time, _reading, Redraw, refusal => Toasts.Refuse(Told(refusal)!));
        _presence = new QueuePresence(Board, () => _ = InvokeAsync(LookAsync));
        _device = new QueueDevice(Script);
        if (!RendererInfo.IsInteractive) return;
        _feed = Live.Subscribe(e => (e.Branch == _session?.BranchId && e.Topic == Topics.ProposalChanged) || e.Topic is Topics.StopChanged or Topics.CapabilityChanged, _ => InvokeAsync(FollowAsync));
        if (_simulator is not null) _simulator.Changed += Redraw;
        _beat = Time.CreateTimer(_ => _ = InvokeAsync(FollowAsync), null, Beat, Beat);
    }

    protected override async Task OnParametersSetAsync()
    {
        _session = await Session.GetAsync();
        if (_session.BranchId is not { } branch)
        {
            _reading.Refuse(_session.Refusal ?? KernelRefusals.NotFound);
            return;
        }

        _reading.Look(_session.Sender, branch, Filter, History.ToHistory(Zone), Id);
        if (_open != (Id, Group)) Open();
        // From here on the group is looked at: nothing slips into it unseen.
        _reading.IsGroupOpen = GroupEntry is not null;
        SeeGroup();
        if (Carry.Take<QueueCarried>(Carried) is { } carried) _reading.Put(carried.View, carried.One);
        else await _reading.ReadAsync();
        _reading.IsGroupOpen = GroupEntry is not null;
        if (RendererInfo.IsInteractive && _reading.IsHistory && _choices is null && (await Histories.ChoicesAsync(_session.Sender, branch, CancellationToken.None)).TryGet(out var choices, out _)) _choices = choices;
        if (!RendererInfo.IsInteractive && _reading.View is { } view) Carried = Carry.Put(new QueueCarried(view, _reading.One));
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            if (_gone || await _device.StartAsync(Assets["Proposals/QueuePage.razor.js"], _root, this) is not { } device) return;
            (_isQuiet, _hasSound) = (device.Quiet, device.Sound);
            if (device.Away > 0) SayAway(device.Away);
            if (_isQuiet || _away is not null) StateHasChanged();
        }

        if (_settled == Id || (Id is not null && _reading.One is null)) return;
        _settled = Id;
        await _device.SettleAsync(Id is not null);
    }

    /// <summary>A hand is on the list.</summary>
    [JSInvokable]
    public void Touched() => _reading.Touch();

    /// <summary>The connection is back.</summary>
    /// <param name="since">What was on the screen then, in milliseconds of the database's clock.</param>
    [JSInvokable]
    public async Task Back(double since)
    {
        await _reading.ReadAsync();
        SayAway(since);
        StateHasChanged();
    }

    [JSInvokable]
    public Task HoldStarted(string digest) => IsOpenNow(digest) ? _desk.HoldAsync() : Task.CompletedTask;

    /// <summary>Held to the end.</summary>
    /// <param name="digest">What the held button stood for: by now something else may be open.</param>
    [JSInvokable]
    public async Task HoldDone(string digest)
    {
        if (IsOpenNow(digest)) await _desk.ApproveAsync();
        else await _desk.LetGoAsync();
        StateHasChanged();
    }

    /// <summary>Let go before the end.</summary>
    [JSInvokable]
    public async Task HoldCancelled()
    {
        await _desk.LetGoAsync();
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _gone = true;
        _reading.End();
        if (_simulator is not null) _simulator.Changed -= Redraw;
        _feed?.Dispose();
        _looks?.Dispose();
        _number?.Dispose();
        if (_beat is not null) await _beat.DisposeAsync();
        _presence.Dispose();
        if (RendererInfo.IsInteractive) CarryUndo();
        await _device.DisposeAsync();
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private bool IsOpenNow(string digest) => Id is { } id && _reading.One is { } one && one.Row.Id.Value == id && one.Row.Digest == digest;

    private void SeeGroup()
    {
        if (GroupEntry is { } group) _desk.See(group.Rows);
    }

    /// <summary>The service says the last word; this only keeps the button from those it would refuse.</summary>
    private static bool MayLook(ProposalView one) => one is { IsManager: true, Row: { IsMine: false, IsApprovedByMe: false } };

    private async Task LookedAsync()
    {
        await _desk.LookedAtAsync();
        await _device.StandAsync();
    }

    /// <summary>Why nothing of a group can be approved at once.</summary>
    private string NoneOf(QueueEntry group)
    {
        if (_desk.Results.Count > 0) return $"{_desk.Results.Values.Count(r => !r.IsRefused)} of {_desk.Results.Count} approved. Until they run, each can be undone.";
        QueueRow[] open = [.. group.Rows.Where(r => ProposalMachine.IsOpen(r.State))];
        if (open.Length == 0) return "Nothing of these is left to decide.";
        return open.All(r => r.IsMine) ? "These are yours: somebody else approves them." : "None is chosen. Tick those to approve together, or look at each.";
    }

    /// <summary>What there is below the rows of a page.</summary>
    private string Below(QueueView view)
    {
        var more = Filter switch { QueueFilter.Open => view.Open - view.Rows.Count, QueueFilter.Review => view.Review - view.Rows.Count, _ => 0 };
        return $"These {view.Rows.Count} run out first. {(more > 0 ? $"{more} more {(more == 1 ? "comes" : "come")}" : "More come")} up as they are decided.";
    }

    private string FilterHref(QueueFilter filter) => "/queue" + (filter is QueueFilter.Done or QueueFilter.All ? History : HistoryAddress.Everything).Query(filter == QueueFilter.Open ? null : filter.ToString().ToLowerInvariant());

    private string EntryHref(QueueEntry entry) => entry.IsGroup ? $"/queue?group={Uri.EscapeDataString(entry.Key[1..])}{(Query.Length > 0 ? "&" + Query[1..] : "")}" : $"/queue/{entry.First.Id}{Query}";

    private Refusal? Told(Refusal? refusal) => refusal?.Told(at => TimeFormat.Spoken(at, Zone, _reading.Now ?? Time.GetUtcNow(), CultureInfo.CurrentCulture));

    /// <summary>Another proposal is on the screen, or none.</summary>
    private void Open()
    {
        _open = (Id, Group);
        _looks?.Dispose();
        _number?.Dispose();
        _numberLooks = 0;
        _isLooking = false;
        _desk.Begin(_session!.Sender, Branch);
        if (Id is null || !RendererInfo.IsInteractive) return;
        _looks = Time.CreateTimer(_ => _ = InvokeAsync(() =>
        {
            _isLooking = true;
            StateHasChanged();
        }), null, LooksAfter, Timeout.InfiniteTimeSpan);
    }

    private async Task FollowAsync()
    {
        if (_gone || _session?.BranchId is null) return;
        await _reading.ReadAsync();
        StateHasChanged();
    }

    private void OnRead(QueueView? before)
    {
        SeeGroup();
        if (_reading.One is { } one && !QueueWords.IsOpen(one.Row)) _desk.Overtaken();
        if (!RendererInfo.IsInteractive) return;
        if (before is not null) SayNews(before, _reading.View!);
        _presence.Watch(Order);
        _ = LookAsync();
        NumberSoon();
    }

    /// <summary>A tone for RED; managers are told when they are called, with a tone where it is on.</summary>
    private void SayNews(QueueView before, QueueView now)
    {
        var called = _session?.BranchRole == Role.BranchManager && now.Called > before.Called;
        if (called && !_isQuiet) Toasts.Say("Managers are called", CalledStripe.Waiting(now.Called));
        if (_hasSound && (called || now.OpenBands.GetValueOrDefault(Band.Red) > before.OpenBands.GetValueOrDefault(Band.Red))) _ = _device.ToneAsync();
    }

    /// <summary>An entry gets its number within a second or so, without an event.</summary>
    private void NumberSoon()
    {
        _number?.Dispose();
        _number = null;
        if (_gone || _desk.Receipt is not { Leaf: null })
            _numberLooks = 0;
        else if (_numberLooks < MostNumberLooks)
            _number = Time.CreateTimer(_ => _ = InvokeAsync(FollowAsync), null, NumberedAfter * (1 << _numberLooks++), Timeout.InfiniteTimeSpan);
    }

    private void SayAway(double since)
    {
        var then = DateTimeOffset.FromUnixTimeMilliseconds((long)since);
        var changed = _reading.View is not { } view ? 0 : view.Also.Concat(view.Rows).DistinctBy(r => r.Id).Count(r => r.ChangedAt > then);
        _away = changed == 0 ? null : $"{changed} changed while away";
    }

    private async Task LookAsync()
    {
        if (!_gone && Me is { } me && await _presence.LookAsync(Order, Branch, me)) StateHasChanged();
    }

    private async Task TidyAsync()
    {
        var scroll = Order.New > 0 && !_reading.IsHistory;
        _reading.Tidy();
        SeeGroup();
        StateHasChanged();
        if (scroll) await _device.LastAsync();
    }

    private async Task ShowOlderAsync()
    {
        var fetching = _reading.OlderAsync();
        StateHasChanged();
        await fetching;
    }

    private async Task RecomputeAsync() => Follow(await _desk.RecomputeAsync());

    private async Task RollBackAsync() => Follow(await _desk.RollBackAsync());

    private void Follow(Submitted? made)
    {
        if (made is not null) Navigation.NavigateTo($"/queue/{made.Id}{Query}");
    }

    /// <summary>Whoever goes to another page takes the way back along.</summary>
    private void CarryUndo()
    {
        var (decisions, toasts, sender, now) = (Decisions, Toasts, _session?.Sender, _reading.Now);
        foreach (var row in (_reading.View?.UnderWay ?? []).Where(r => r is { IsApprovedByMe: true, State: ProposalState.Grace } && r.GraceUntil > now))
        {
            var branch = Branch;
            toasts.SayWithUndo($"Runs soon: {row.Title}", async () =>
            {
                var result = await decisions.UndoAsync(sender!, branch, row.Id, CancellationToken.None);
                if (result.Refusal is { } refusal) toasts.Refuse(refusal);
                else toasts.Say("Approval taken back");
            }, row.GraceUntil!.Value - now!.Value);
        }
    }

    private Task ToggleQuietAsync()
    {
        _isQuiet = !_isQuiet;
        if (_isQuiet && IsDetail) Navigation.NavigateTo("/queue" + Query);
        return _device.SetAsync("quiet", _isQuiet);
    }

    private Task ToggleSoundAsync()
    {
        _hasSound = !_hasSound;
        return _device.SetAsync("sound", _hasSound);
    }

    private Task ShowKeysAsync() => Dialogs.OpenAsync<KeyboardHelp>("Keyboard shortcuts", []);

    private sealed record QueueCarried(QueueView View, ProposalView? One);
}
