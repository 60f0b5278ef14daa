using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proposals;

/// <summary>
/// The decisions of one screen: one at a time, none on what may no longer be so. A refusal stays beside the buttons until something
/// else is done; nothing is shown as done before the record says so.
/// </summary>
/// <param name="redraw">Draws the page, from any thread.</param>
/// <param name="refuse">Says a refusal at the edge of the screen: its own place is gone.</param>
internal sealed class QueueDesk(DecisionCommands decisions, ProposalCommands commands, LookCommands looks, Dialogs dialogs, Toasts toasts, TimeProvider time, QueueReading reading, Action redraw, Action<Refusal> refuse)
{
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(800);

    private readonly HashSet<ProposalId> _leftOut = [];
    private readonly HashSet<ProposalId> _late = [];
    private readonly Dictionary<string, string> _unsaid = [];
    private HashSet<ProposalId>? _seen;
    private ProposalId? _held;
    private int _turn;
    private Sender _from = Sender.Nobody;
    private BranchId _branch;
    private Task _claiming = Task.CompletedTask;
    private long _openedAt;
    private string? _recorded;
    private string? _ticket;
    private DateTimeOffset _ticketAt;

    /// <summary>Something is being recorded.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>It takes longer than a person expects.</summary>
    public bool IsSlow { get; private set; }

    /// <summary>Why the last one was not taken.</summary>
    public Refusal? Said { get; private set; }

    /// <summary>Instead of holding, a code is asked for.</summary>
    public bool AsksCode { get; private set; }

    /// <summary>Id of whom one decides for, or empty.</summary>
    public string StandIn { get; set; } = "";

    /// <summary>Those of the group that are not to be approved with the others.</summary>
    public HashSet<ProposalId> LeftOut => _leftOut;

    /// <summary>Those that came while the group was looked at.</summary>
    public IReadOnlySet<ProposalId> Late => _late;

    /// <summary>What became of each of the group.</summary>
    public IReadOnlyDictionary<ProposalId, Result<Decided>> Results { get; private set; } = new Dictionary<ProposalId, Result<Decided>>();

    /// <summary>The entry of the decision that was just made, or of how it ended.</summary>
    public ProposalEntry? Receipt => reading.One is not { } one ? null
        : _recorded is not null && one.AuditEntries.LastOrDefault(e => e.Action == _recorded && e.ReasonCode is null) is { } mine ? mine
        : QueueWords.IsOpen(one.Row) ? null : one.AuditEntries.LastOrDefault(e => e.ReasonCode is null);

    private ProposalView? Open => IsBusy || reading.IsStale ? null : reading.One;

    private int Took => (int)Math.Min(int.MaxValue, time.GetElapsedTime(_openedAt).TotalMilliseconds);

    /// <summary>Another proposal or group is on the screen, or none.</summary>
    public void Begin(Sender from, BranchId branch)
    {
        (_from, _branch) = (from, branch);
        (Said, _recorded, StandIn, AsksCode, _seen) = (null, null, "", false, null);
        _turn++;
        _leftOut.Clear();
        _late.Clear();
        _unsaid.Clear();
        Results = new Dictionary<ProposalId, Result<Decided>>();
        _openedAt = time.GetTimestamp();
    }

    /// <summary>The open group has these: one that was not there when it was opened is left out until somebody ticks it.</summary>
    public void See(IReadOnlyList<QueueRow> group)
    {
        foreach (var row in group.Where(r => _seen?.Contains(r.Id) == false))
        {
            _leftOut.Add(row.Id);
            _late.Add(row.Id);
        }

        (_seen ??= []).UnionWith(group.Select(r => r.Id));
    }

    /// <summary>Somebody else decided the open one: there is nothing to type for any more.</summary>
    public void Overtaken() => AsksCode = false;

    public async Task ApproveAsync()
    {
        if (Open is not { } one) return;
        Said = null;
        string? reason = null;
        if (one.NeedsReason)
        {
            reason = await AskAsync("Why is it all right?", $"Compliance rules sent this to human review: {string.Join("; ", one.Routes.Select(r => r.Title))}. Your reason is kept with the approval.", $"Approve {one.Row.Consequence}", []);
            if (reason is null)
            {
                await ReleaseAsync(one);
                return;
            }
        }

        if (one.NeedsFreshSignIn && (_ticket is null || time.GetUtcNow() - _ticketAt > FreshSignIns.Lifetime - TimeSpan.FromSeconds(20)))
        {
            if (await dialogs.OpenAsync<SignInAnewDialog>("Is it you?", new() { [nameof(SignInAnewDialog.Sender)] = _from, [nameof(SignInAnewDialog.Consequence)] = one.Row.Consequence }) is not string ticket)
            {
                await ReleaseAsync(one);
                return;
            }

            (_ticket, _ticketAt) = (ticket, time.GetUtcNow());
        }

        AsksCode = false;
        var approval = new Approval(one.Row.Digest, reason, Took, one.NeedsFreshSignIn ? _ticket : null, Guid.TryParse(StandIn, out var other) ? new PersonId(other) : null);
        await RunAsync("proposal.approve", () => decisions.ApproveAsync(_from, _branch, one.Row.Id, approval, CancellationToken.None));
    }

    public async Task RejectAsync()
    {
        if (Open is not { } one) return;
        Said = null;
        if (one.Row.ClaimedById != _from.PersonId && await decisions.ClaimAsync(_from, _branch, one.Row.Id, takeOver: false, CancellationToken.None) is { IsRefused: true } claim)
        {
            Said = claim.Refusal;
            await reading.ReadAsync();
            return;
        }

        var reason = await AskAsync("Reject this?", $"{one.Row.Title}. Whoever proposed it reads your reason; nothing is carried out.", "Reject it", one.RejectReasons, dangerous: true);
        if (reason is null) await ReleaseAsync(one);
        else await RunAsync("proposal.reject", () => decisions.RejectAsync(_from, _branch, one.Row.Id, one.Row.Digest, reason, Took, CancellationToken.None));
    }

    public async Task ReviewAsync()
    {
        if (Open is not { } one) return;
        var reason = await AskAsync("Send to human review?", "Managers of the branch are called. They look into it and close it with what was done.", "Send to human review", ["I am not sure about this", "Somebody could be harmed", "Ask a lawyer first", "Looks like a fraud"]);
        if (reason is not null) await RunAsync("proposal.review", () => decisions.SendToReviewAsync(_from, _branch, one.Row.Id, reason, CancellationToken.None));
    }

    /// <returns>The new proposal, or null when it was refused.</returns>
    public async Task<Submitted?> RecomputeAsync() =>
        Open is { } one ? await MakeAsync("proposal.recompute", () => commands.RecomputeAsync(_from, _branch, one.Row.Id, CancellationToken.None)) : null;

    public Task TakeOverAsync() => Open is { } one ? RunAsync(null, () => decisions.ClaimAsync(_from, _branch, one.Row.Id, takeOver: true, CancellationToken.None)) : Task.CompletedTask;

    public Task UndoAsync(ProposalId id)
    {
        if (IsBusy) return Task.CompletedTask;
        return id == reading.One?.Row.Id ? RunAsync("proposal.undo", Undo) : RunAsync(null, Undo, "Approval taken back");

        Task<Result<Decided>> Undo() => decisions.UndoAsync(_from, _branch, id, CancellationToken.None);
    }

    public async Task WithdrawAsync()
    {
        if (Open is not { } one) return;
        var reason = await AskAsync("Withdraw your proposal?", "Nobody decides on it any more. Its record stays.", "Withdraw it", ["No longer needed", "Made by mistake"]);
        if (reason is not null) await RunAsync("proposal.withdraw", () => commands.WithdrawAsync(_from, _branch, one.Row.Id, reason, CancellationToken.None));
    }

    /// <returns>The proposal that takes it back, or null when there is none.</returns>
    public async Task<Submitted?> RollBackAsync()
    {
        if (Open is not { } one) return null;
        var reason = await AskAsync("Roll back?", $"This proposes “{one.Execution?.UndoTitle ?? "what takes it back"}”. Somebody decides on that as on any other proposal.", "Propose the rollback", ["Done by mistake", "The client asked", "Something in it was wrong"]);
        return reason is null ? null : await MakeAsync(null, () => commands.RollBackAsync(_from, _branch, one.Row.Id, reason, CancellationToken.None));
    }

    public async Task ResolveAsync(bool happened)
    {
        if (Open is not { } one) return;
        var evidence = await AskAsync(happened ? "It happened?" : "It did not happen?", "Say what you found it out from. It is kept as evidence and ends the question for good.", happened ? "It happened" : "It did not happen", []);
        if (evidence is not null) await RunAsync("proposal.resolve", () => decisions.ResolveAsync(_from, _branch, one.Row.Id, happened, evidence, CancellationToken.None));
    }

    /// <summary>A second person looked at what its own proposer had approved.</summary>
    public Task LookedAtAsync() => Open is { } one ? RunAsync("proposal.look_at", () => looks.LookedAtAsync(_from, _branch, one.Row.Id, CancellationToken.None)) : Task.CompletedTask;

    public async Task ApproveGroupAsync(IReadOnlyList<QueueRow> rows)
    {
        if (IsBusy || reading.IsStale || rows.Count == 0) return;
        List<(ProposalId, string)> wanted = [.. rows.Select(r => (r.Id, r.Digest))];
        await RunAsync(null, async () =>
        {
            var result = await decisions.ApproveGroupAsync(_from, _branch, wanted, Took, CancellationToken.None);
            if (!result.IsRefused) Results = result.Value.ToDictionary(r => r.Id, r => r.Result);
            return result;
        });
    }

    /// <summary>The keyboard cannot hold: a code is typed instead.</summary>
    public Task AskCodeAsync()
    {
        if (Open is null) return Task.CompletedTask;
        AsksCode = true;
        return HoldAsync();
    }

    /// <summary>Somebody holds the button: others are told that they decide.</summary>
    public async Task HoldAsync()
    {
        if (Open is not { Row: { Band: Band.Red } row }) return;
        _held = row.Id;
        if (row.ClaimedById == _from.PersonId) return;
        _claiming = decisions.ClaimAsync(_from, _branch, row.Id, takeOver: false, CancellationToken.None);
        await _claiming;
    }

    /// <summary>Let go before the end, or left.</summary>
    public async Task LetGoAsync()
    {
        AsksCode = false;
        // A claim still on its way would come after its release.
        await _claiming;
        if (_held is { } held) await decisions.ReleaseAsync(_from, _branch, held, CancellationToken.None);
        _held = null;
    }

    /// <summary>Asks for words. What was not taken stands in the field again the next time.</summary>
    private async Task<string?> AskAsync(string title, string consequence, string verb, IReadOnlyList<string> suggestions, bool dangerous = false)
    {
        var words = await dialogs.AskReasonAsync(title, consequence, verb, suggestions, dangerous, _unsaid.GetValueOrDefault(title, ""));
        if (words is not null) _unsaid[title] = words;
        return words;
    }

    private async Task<Submitted?> MakeAsync(string? action, Func<Task<Result<Submitted>>> command)
    {
        Submitted? made = null;
        await RunAsync(action, async () =>
        {
            var result = await command();
            if (!result.IsRefused) made = result.Value;
            return result;
        });
        return made;
    }

    private async Task ReleaseAsync(ProposalView one)
    {
        await decisions.ReleaseAsync(_from, _branch, one.Row.Id, CancellationToken.None);
        await reading.ReadAsync();
    }

    /// <summary>Runs one command: nothing else is decided meanwhile, a refusal stays in place, and after 800 ms the page says what it waits for.</summary>
    /// <param name="action">Whose entry is the receipt; null for none.</param>
    /// <param name="done">What is said at the edge of the screen when it is about another one than the open one; null when it is about that.</param>
    private async Task RunAsync<T>(string? action, Func<Task<Result<T>>> command, string? done = null)
    {
        var turn = _turn;
        (IsBusy, IsSlow, Said) = (true, false, null);
        redraw();
        await using var slow = time.CreateTimer(_ =>
        {
            IsSlow = IsBusy;
            redraw();
        }, null, SlowAfter, Timeout.InfiniteTimeSpan);
        try
        {
            var result = await command();
            if (result.Refusal?.Kind == ApprovalRefusals.SignInAnew) _ticket = null;
            if (done is not null || turn != _turn)
            {
                // The place it would be said at belongs to another one, or does by now.
                if (result.Refusal is { } elsewhere) refuse(elsewhere);
                else if (done is not null) toasts.Say(done);
            }
            else
            {
                Said = result.Refusal;
                if (!result.IsRefused) _unsaid.Clear();
                if (!result.IsRefused && action is not null) _recorded = action;
            }
        }
        catch (Exception e) when (VaultErrors.IsForALoop(e))
        {
            reading.Doubt();
        }
        finally
        {
            (IsBusy, IsSlow) = (false, false);
        }

        await reading.ReadAsync();
        redraw();
    }
}
