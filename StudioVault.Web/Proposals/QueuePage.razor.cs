using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proposals;

/// <summary>
/// The queue of a branch: what waits, what runs, what became of it, and the decision on the one that is open. Filter and open proposal
/// stand in the address. Nothing moves under a finger, nothing is decided on what may no longer be so.
/// </summary>
public sealed partial class QueuePage : ComponentBase, IAsyncDisposable
{
    /// <summary>The page looks by itself, too: an event can be lost, and times run out without one.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>Older than this, what is shown decides nothing.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(45);

    /// <summary>How long a hand counts as being on the list.</summary>
    private static readonly TimeSpan HandsFor = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LooksAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(800);

    private readonly QueueOrder _order = new();
    private readonly Dictionary<string, IDisposable> _watches = [];
    private readonly HashSet<ProposalId> _leftOut = [];
    private Dictionary<ProposalId, Result<Decided>> _results = [];
    private Dictionary<ProposalId, IReadOnlyList<string>> _there = [];
    private ElementReference _root;
    private IJSObjectReference? _script;
    private DotNetObjectReference<QueuePage>? _self;
    private SessionState? _session;
    private QueueView? _view;
    private ProposalView? _one;
    private Refusal? _refusal;
    private Refusal? _oneRefusal;
    private Refusal? _said;
    private IDisposable? _feed;
    private ITimer? _beat;
    private ITimer? _looks;
    private DateTimeOffset _readAt;
    private DateTimeOffset _handsUntil;
    private long _openedAt;
    private Guid? _openId;
    private string? _openGroup;
    private Task _claiming = Task.CompletedTask;
    private Guid? _settled;
    private QueueFilter? _readFilter;
    private string? _decided;
    private string? _away;
    private string? _ticket;
    private DateTimeOffset _ticketAt;
    private string _standIn = "";
    private bool _isBusy;
    private bool _isSlow;
    private bool _isStale;
    private bool _isLooking;
    private bool _isQuiet;
    private bool _hasSound;
    private bool _asksCode;
    private bool _reading;
    private bool _again;
    private bool _gone;

    /// <summary>The open proposal.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    /// <summary>Null for what is to decide; review, running, done or all.</summary>
    [SupplyParameterFromQuery]
    public string? Show { get; set; }

    /// <summary>The open group of equal ones.</summary>
    [SupplyParameterFromQuery]
    public string? Group { get; set; }

    /// <summary>Key of what was read while the page was prerendered.</summary>
    [PersistentState]
    public Guid? Carried { get; set; }

    [Inject] private ProposalQueries Proposals { get; set; } = default!;
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

    private QueueFilter Filter => Show switch
    {
        "review" => QueueFilter.Review,
        "running" => QueueFilter.Running,
        "done" => QueueFilter.Done,
        "all" => QueueFilter.All,
        _ => QueueFilter.Open,
    };

    private (QueueFilter, string, int)[] Filters =>
    [
        (QueueFilter.Open, "To decide", _view?.Open ?? 0),
        (QueueFilter.Review, "Review", _view?.Review ?? 0),
        (QueueFilter.Running, "Running", _view?.UnderWay.Count ?? 0),
        (QueueFilter.Done, "Done", 0),
        (QueueFilter.All, "All", 0),
    ];

    private bool IsDetail => Id is not null || GroupEntry is not null;

    private QueueEntry? GroupEntry => Group is null || Id is not null ? null : _order.Entries.FirstOrDefault(e => e.Key == "g" + Group);

    private IReadOnlyList<QueueRow> GroupOpen => [.. (GroupEntry?.Rows ?? []).Where(r => ProposalMachine.IsOpen(r.State) && !_leftOut.Contains(r.Id) && !r.IsMine)];

    private string? CurrentKey => Id is { } id ? _order.Of(id)?.Key ?? id.ToString() : GroupEntry?.Key;

    private IReadOnlyList<QueueRow> MineRunning => [.. (_view?.UnderWay ?? []).Where(r => r is { IsApprovedByMe: true, State: ProposalState.Grace, GraceUntil: not null } && r.Id.Value != Id)];

    private string Query => Show is { Length: > 0 } show ? $"?show={Uri.EscapeDataString(show)}" : "";

    private string NextHref => _order.Next(CurrentKey) is { } next ? EntryHref(next) : "/queue" + Query;

    private string Pill => (_order.New, _order.Over) switch
    {
        ( > 0 and var n, 0) => $"{n} new",
        (0, var o) => $"Clear {o} that {(o == 1 ? "is" : "are")} done",
        var (n, o) => $"{n} new, {o} done",
    };

    private ProposalEntry? Receipt => _one is not { } one ? null
        : _decided is not null && one.AuditEntries.LastOrDefault(e => e.Action == _decided && e.ReasonCode is null) is { } mine ? mine
        : QueueWords.IsOpen(one.Row) ? null : one.AuditEntries.LastOrDefault(e => e.ReasonCode is null);

    /// <summary>While this is so, nothing on the screen moves by itself.</summary>
    private bool IsHeld => IsDetail || Time.GetUtcNow() < _handsUntil;

    internal static string PlaceOf(ProposalId id) => $"proposal:{id}";

    protected override void OnInitialized()
    {
        // Only the demo has it.
        _simulator = Services.GetService<DemoSimulator>();
        if (!RendererInfo.IsInteractive) return;
        _feed = Live.Subscribe(e => e.Branch == _session?.BranchId && e.Topic is Topics.ProposalChanged or Topics.StopChanged || e.Topic is Topics.StopChanged or Topics.CapabilityChanged, _ => InvokeAsync(FollowAsync));
        if (_simulator is not null) _simulator.Changed += Redraw;
        _beat = Time.CreateTimer(_ => _ = InvokeAsync(FollowAsync), null, Beat, Beat);
    }

    protected override async Task OnParametersSetAsync()
    {
        _session = await Session.GetAsync();
        if (_session.BranchId is null)
        {
            _refusal = KernelRefusals.NotFound;
            return;
        }

        if (_readFilter != Filter)
        {
            _readFilter = Filter;
            _order.Clear();
        }

        if (_openId != Id || _openGroup != Group) Open();
        if (Carry.Take<QueueCarried>(Carried) is { } carried) Put(carried.View, carried.One);
        else await ReadAllAsync();
        if (!RendererInfo.IsInteractive && _view is not null) Carried = Carry.Put(new QueueCarried(_view, _one));
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                _script = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Proposals/QueuePage.razor.js"]);
                if (_gone || _script is null) return;
                _self = DotNetObjectReference.Create(this);
                if (await _script.InvokeAsync<DeviceSettings>("start", _root, _self) is not { } device) return;
                (_isQuiet, _hasSound) = (device.Quiet, device.Sound);
                if (device.Away > 0) SayAway(DateTimeOffset.FromUnixTimeMilliseconds((long)device.Away));
                if (_isQuiet || _away is not null) StateHasChanged();
            }

            if (_script is not null && _settled != Id && (Id is null || _one is not null))
            {
                _settled = Id;
                await _script.InvokeVoidAsync("settle", Id is not null);
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone.
        }
    }

    /// <summary>A hand is on the list.</summary>
    [JSInvokable]
    public void Touched() => _handsUntil = Time.GetUtcNow() + HandsFor;

    /// <summary>The connection is back.</summary>
    /// <param name="since">What was on the screen then, in milliseconds of the database's clock.</param>
    [JSInvokable]
    public async Task Back(double since)
    {
        await ReadAllAsync();
        SayAway(DateTimeOffset.FromUnixTimeMilliseconds((long)since));
        StateHasChanged();
    }

    /// <summary>Somebody holds the button: others are told that they decide.</summary>
    [JSInvokable]
    public async Task HoldStarted()
    {
        if (_one is not { Row: { Band: Band.Red } row } || !CanDecide || row.ClaimedById == Me) return;
        _claiming = Decisions.ClaimAsync(_session!.Sender, Branch, row.Id, takeOver: false, CancellationToken.None);
        await _claiming;
    }

    /// <summary>Held to the end.</summary>
    [JSInvokable]
    public async Task HoldDone()
    {
        await ApproveAsync();
        StateHasChanged();
    }

    /// <summary>Let go before the end.</summary>
    [JSInvokable]
    public async Task HoldCancelled()
    {
        _asksCode = false;
        // A claim still on its way would come after its release.
        await _claiming;
        if (_one is { Row.Band: Band.Red } one) await Decisions.ReleaseAsync(_session!.Sender, Branch, one.Row.Id, CancellationToken.None);
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _gone = true;
        if (_simulator is not null) _simulator.Changed -= Redraw;
        _feed?.Dispose();
        _looks?.Dispose();
        if (_beat is not null) await _beat.DisposeAsync();
        foreach (var watch in _watches.Values) watch.Dispose();
        if (RendererInfo.IsInteractive) CarryUndo();
        try
        {
            if (_script is not null)
            {
                await _script.InvokeVoidAsync("stop");
                await _script.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone.
        }

        _self?.Dispose();
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private BranchId Branch => _session!.BranchId!.Value;

    private bool CanDecide => !_isBusy && !_isStale && _one is not null && _one.Row.Id.Value == Id;

    private string FilterHref(QueueFilter filter) => filter == QueueFilter.Open ? "/queue" : $"/queue?show={filter.ToString().ToLowerInvariant()}";

    private string EntryHref(QueueEntry entry) => entry.IsGroup ? $"/queue?group={Uri.EscapeDataString(entry.Key[1..])}{(Query.Length > 0 ? "&" + Query[1..] : "")}" : $"/queue/{entry.First.Id}{Query}";

    /// <summary>Another proposal is on the screen, or none.</summary>
    private void Open()
    {
        (_openId, _openGroup) = (Id, Group);
        _looks?.Dispose();
        (_one, _oneRefusal, _said, _decided, _standIn, _asksCode, _isLooking) = (null, null, null, null, "", false, false);
        _leftOut.Clear();
        _results = [];
        _openedAt = Time.GetTimestamp();
        if (Id is null || !RendererInfo.IsInteractive) return;
        _looks = Time.CreateTimer(_ => _ = InvokeAsync(() =>
        {
            _isLooking = true;
            StateHasChanged();
        }), null, LooksAfter, Timeout.InfiniteTimeSpan);
    }

    private int Took => (int)Math.Min(int.MaxValue, Time.GetElapsedTime(_openedAt).TotalMilliseconds);

    private async Task FollowAsync()
    {
        if (_gone || _session?.BranchId is null) return;
        await ReadAllAsync();
        StateHasChanged();
    }

    /// <summary>Reads list and open proposal; who asks while that is under way is served by one more turn of it.</summary>
    private async Task ReadAllAsync()
    {
        _again = true;
        if (_reading) return;
        _reading = true;
        try
        {
            while (_again && !_gone)
            {
                _again = false;
                await ReadAsync();
            }
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            // The screen keeps what it has and says how old it is.
            _isStale = true;
        }
        finally
        {
            _reading = false;
        }

        if (Time.GetUtcNow() - _readAt > StaleAfter) _isStale = true;
    }

    private async Task ReadAsync()
    {
        var (filter, id) = (Filter, Id);
        var result = await Proposals.QueueAsync(_session!.Sender, Branch, filter, null, CancellationToken.None, _order.Ids);
        if (!result.TryGet(out var view, out var refusal))
        {
            (_refusal, _isStale) = (refusal, true);
            return;
        }

        ProposalView? one = null;
        if (id is { } open)
        {
            var found = await Proposals.OneAsync(_session.Sender, Branch, new ProposalId(open), CancellationToken.None);
            if (!found.TryGet(out one, out var no) && id == Id) _oneRefusal = no;
        }

        // Meanwhile another one was opened, or other rows asked for.
        if (filter != Filter || id != Id)
        {
            _again = true;
            return;
        }

        Put(view, one);
    }

    private void Put(QueueView view, ProposalView? one)
    {
        var alarm = _view is not null && _hasSound && view.OpenBands.GetValueOrDefault(Band.Red) > _view.OpenBands.GetValueOrDefault(Band.Red);
        _order.Put(view, IsHeld, Filter is QueueFilter.Done or QueueFilter.All);
        // What somebody else did to the open one is said where the buttons were.
        if (_one is { } before && one is not null && before.Row.Id == one.Row.Id && QueueWords.IsOpen(before.Row) && !QueueWords.IsOpen(one.Row)) _asksCode = false;
        (_view, _refusal, _isStale, _readAt) = (view, null, false, Time.GetUtcNow());
        if (one is not null || Id is null) _one = one;
        if (!RendererInfo.IsInteractive) return;
        if (alarm && _script is not null) _ = ToneAsync();
        Watch();
        _ = LookAsync();
        if (Receipt is { Leaf: null }) NumberSoon();
    }

    /// <summary>An entry gets its number within a second or so, without an event.</summary>
    private void NumberSoon()
    {
        var timer = default(ITimer);
        timer = Time.CreateTimer(_ =>
        {
            timer?.Dispose();
            _ = InvokeAsync(FollowAsync);
        }, null, SlowAfter, Timeout.InfiniteTimeSpan);
    }

    private async Task ToneAsync()
    {
        try
        {
            await _script!.InvokeVoidAsync("tone");
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException)
        {
            // A device that makes no sound.
        }
    }

    private void SayAway(DateTimeOffset since)
    {
        var changed = _view is null ? 0 : _view.Rows.Concat(_view.Also).DistinctBy(r => r.Id).Count(r => r.ChangedAt > since);
        _away = changed == 0 ? null : $"{changed} changed while away";
    }

    private void Watch()
    {
        var places = _order.Entries.SelectMany(e => e.Rows).Where(QueueWords.IsOpen).Select(r => PlaceOf(r.Id)).ToHashSet();
        foreach (var gone in _watches.Keys.Except(places).ToList())
        {
            _watches.Remove(gone, out var watch);
            watch?.Dispose();
        }

        foreach (var place in places.Where(p => !_watches.ContainsKey(p))) _watches[place] = Board.Watch(place, () => _ = InvokeAsync(LookAsync));
    }

    private async Task LookAsync()
    {
        if (_gone || _session?.Sender.PersonId is not { } me || _watches.Count == 0) return;
        try
        {
            var here = await Board.WhoIsAtAsync([.. _watches.Keys], Branch, me, CancellationToken.None);
            var there = _order.Ids.Where(id => here.Contains(PlaceOf(id))).ToDictionary(id => id, IReadOnlyList<string> (id) => [.. here[PlaceOf(id)].Select(p => p.Name.Split(' ')[0])]);
            if (there.Count == _there.Count && there.All(t => _there.TryGetValue(t.Key, out var names) && names.SequenceEqual(t.Value))) return;
            _there = there;
            StateHasChanged();
        }
        catch (Npgsql.NpgsqlException)
        {
            // Presence decides nothing.
        }
    }

    private async Task TidyAsync()
    {
        var scroll = _order.New > 0;
        _handsUntil = default;
        _order.Put(_view!, held: false, newestFirst: false);
        StateHasChanged();
        if (scroll && _script is not null && Filter is not (QueueFilter.Done or QueueFilter.All)) await _script.InvokeVoidAsync("last");
    }

    private async Task ApproveAsync()
    {
        if (!CanDecide) return;
        var one = _one!;
        _said = null;
        string? reason = null;
        if (one.NeedsReason)
        {
            reason = await Dialogs.AskReasonAsync("Why is it all right?", $"Compliance rules sent this to human review: {string.Join("; ", one.Routes.Select(r => r.Title))}. Your reason is kept with the approval.", $"Approve {one.Row.Consequence}", []);
            if (reason is null)
            {
                await ReleaseAsync(one);
                return;
            }
        }

        if (one.NeedsFreshSignIn && (_ticket is null || Time.GetUtcNow() - _ticketAt > FreshSignIns.Lifetime - TimeSpan.FromSeconds(20)))
        {
            if (await Dialogs.OpenAsync<SignInAnewDialog>("Is it you?", new() { [nameof(SignInAnewDialog.Sender)] = _session!.Sender, [nameof(SignInAnewDialog.Consequence)] = one.Row.Consequence }) is not string ticket)
            {
                await ReleaseAsync(one);
                return;
            }

            (_ticket, _ticketAt) = (ticket, Time.GetUtcNow());
        }

        _asksCode = false;
        var approval = new Approval(one.Row.Digest, reason, Took, one.NeedsFreshSignIn ? _ticket : null, Guid.TryParse(_standIn, out var other) ? new PersonId(other) : null);
        await RunAsync("proposal.approve", () => Decisions.ApproveAsync(_session!.Sender, Branch, one.Row.Id, approval, CancellationToken.None));
    }

    private async Task RejectAsync()
    {
        if (!CanDecide) return;
        var one = _one!;
        _said = null;
        if (one.Row.ClaimedById != Me && await Decisions.ClaimAsync(_session!.Sender, Branch, one.Row.Id, takeOver: false, CancellationToken.None) is { IsRefused: true } claim)
        {
            _said = claim.Refusal;
            await ReadAllAsync();
            return;
        }

        var reason = await Dialogs.AskReasonAsync("Reject this?", $"{one.Row.Title}. Whoever proposed it reads your reason; nothing is carried out.", "Reject it", one.RejectReasons, dangerous: true);
        if (reason is null) await ReleaseAsync(one);
        else await RunAsync("proposal.reject", () => Decisions.RejectAsync(_session!.Sender, Branch, one.Row.Id, one.Row.Digest, reason, Took, CancellationToken.None));
    }

    private async Task ReviewAsync()
    {
        if (!CanDecide) return;
        var one = _one!;
        var reason = await Dialogs.AskReasonAsync("Send to human review?", "Managers of the branch are called. They look into it and close it with what was done.", "Send to human review", ["I am not sure about this", "Somebody could be harmed", "Ask a lawyer first", "Looks like a fraud"]);
        if (reason is not null) await RunAsync("proposal.review", () => Decisions.SendToReviewAsync(_session!.Sender, Branch, one.Row.Id, reason, CancellationToken.None));
    }

    private async Task RecomputeAsync()
    {
        if (!CanDecide) return;
        var one = _one!;
        Submitted? made = null;
        await RunAsync("proposal.recompute", async () =>
        {
            var result = await Commands.RecomputeAsync(_session!.Sender, Branch, one.Row.Id, CancellationToken.None);
            if (!result.IsRefused) made = result.Value;
            return result;
        });
        if (made is not null) Navigation.NavigateTo($"/queue/{made.Id}{Query}");
    }

    private Task TakeOverAsync() => _one is { } one && CanDecide ? RunAsync(null, () => Decisions.ClaimAsync(_session!.Sender, Branch, one.Row.Id, takeOver: true, CancellationToken.None)) : Task.CompletedTask;

    private Task UndoAsync(ProposalId id) => _isBusy ? Task.CompletedTask : RunAsync(id.Value == Id ? "proposal.undo" : null, () => Decisions.UndoAsync(_session!.Sender, Branch, id, CancellationToken.None));

    private async Task WithdrawAsync()
    {
        if (!CanDecide) return;
        var one = _one!;
        var reason = await Dialogs.AskReasonAsync("Withdraw your proposal?", "Nobody decides on it any more. Its record stays.", "Withdraw it", ["No longer needed", "Made by mistake"]);
        if (reason is not null) await RunAsync("proposal.withdraw", () => Commands.WithdrawAsync(_session!.Sender, Branch, one.Row.Id, reason, CancellationToken.None));
    }

    private async Task RollBackAsync()
    {
        if (!CanDecide) return;
        var one = _one!;
        var reason = await Dialogs.AskReasonAsync("Roll back?", $"This proposes “{one.Execution?.UndoTitle ?? "what takes it back"}”. Somebody decides on that as on any other proposal.", "Propose the rollback", ["Done by mistake", "The client asked", "Something in it was wrong"]);
        if (reason is null) return;
        Submitted? made = null;
        await RunAsync(null, async () =>
        {
            var result = await Commands.RollBackAsync(_session!.Sender, Branch, one.Row.Id, reason, CancellationToken.None);
            if (!result.IsRefused) made = result.Value;
            return result;
        });
        if (made is not null) Navigation.NavigateTo($"/queue/{made.Id}{Query}");
    }

    private async Task ResolveAsync(bool happened)
    {
        if (!CanDecide) return;
        var one = _one!;
        var evidence = await Dialogs.AskReasonAsync(happened ? "It happened?" : "It did not happen?", "Say what you found it out from. It is kept as evidence and ends the question for good.", happened ? "It happened" : "It did not happen", []);
        if (evidence is not null) await RunAsync("proposal.resolve", () => Decisions.ResolveAsync(_session!.Sender, Branch, one.Row.Id, happened, evidence, CancellationToken.None));
    }

    private async Task ApproveGroupAsync()
    {
        if (_isBusy || _isStale || GroupOpen.Count == 0) return;
        List<(ProposalId, string)> wanted = [.. GroupOpen.Select(r => (r.Id, r.Digest))];
        await RunAsync(null, async () =>
        {
            var result = await Decisions.ApproveGroupAsync(_session!.Sender, Branch, wanted, Took, CancellationToken.None);
            if (!result.IsRefused) _results = result.Value.ToDictionary(r => r.Id, r => r.Result);
            return result;
        });
    }

    private async Task AskCodeAsync()
    {
        if (!CanDecide) return;
        _asksCode = true;
        await HoldStarted();
    }

    private async Task ReleaseAsync(ProposalView one)
    {
        await Decisions.ReleaseAsync(_session!.Sender, Branch, one.Row.Id, CancellationToken.None);
        await ReadAllAsync();
    }

    /// <summary>Runs one command: nothing else is decided meanwhile, a refusal stays in place, and after 800 ms the page says what it waits for.</summary>
    /// <param name="action">Whose entry is the receipt; null for none.</param>
    private async Task RunAsync<T>(string? action, Func<Task<Result<T>>> command)
    {
        (_isBusy, _isSlow, _said) = (true, false, null);
        StateHasChanged();
        await using var slow = Time.CreateTimer(_ => _ = InvokeAsync(() =>
        {
            if (!_isBusy) return;
            _isSlow = true;
            StateHasChanged();
        }), null, SlowAfter, Timeout.InfiniteTimeSpan);
        try
        {
            var result = await command();
            _said = result.Refusal;
            if (!result.IsRefused && action is not null) _decided = action;
            if (_said?.Kind == ApprovalRefusals.SignInAnew) _ticket = null;
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException)
        {
            _isStale = true;
        }
        finally
        {
            (_isBusy, _isSlow) = (false, false);
        }

        await ReadAllAsync();
        StateHasChanged();
    }

    /// <summary>Whoever goes to another page takes the way back along.</summary>
    private void CarryUndo()
    {
        var (decisions, toasts, sender, now) = (Decisions, Toasts, _session?.Sender, _view?.Now + (Time.GetUtcNow() - _readAt));
        foreach (var row in (_view?.UnderWay ?? []).Where(r => r is { IsApprovedByMe: true, State: ProposalState.Grace } && r.GraceUntil > now))
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

    private async Task ToggleQuietAsync()
    {
        _isQuiet = !_isQuiet;
        if (_isQuiet && IsDetail) Navigation.NavigateTo("/queue" + Query);
        if (_script is not null) await _script.InvokeVoidAsync("set", "quiet", _isQuiet);
    }

    private async Task ToggleSoundAsync()
    {
        _hasSound = !_hasSound;
        if (_script is not null) await _script.InvokeVoidAsync("set", "sound", _hasSound);
    }

    private Task ShowKeysAsync() => Dialogs.OpenAsync<KeyboardHelp>("Keyboard shortcuts", []);

    private static string StopWords(Stop stop) => stop.Level switch
    {
        StopLevel.Global => "everything.",
        StopLevel.Area => $"all of {stop.Key}.",
        StopLevel.Capability => $"{stop.Key}.",
        StopLevel.Branch => "this branch.",
        _ => "an agent.",
    };

    private static string BandSays(Band band) => band switch
    {
        Band.Green => "small, and easily undone",
        Band.Amber => "one look, one approval",
        Band.Red => "two people, each held and proven",
        _ => "human review only",
    };

    private sealed record QueueCarried(QueueView View, ProposalView? One);

    /// <summary>What the device keeps for itself.</summary>
    /// <param name="Away">When the screen last was fresh before the connection was lost, or 0.</param>
    private sealed record DeviceSettings(bool Quiet, bool Sound, double Away);
}
