using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Scheduling;

/// <summary>The jobs of the whole cluster, for HQ. The open job stands in the address; the page renews itself.</summary>
public sealed partial class JobsPage : ComponentBase, IDisposable
{
    private const string Address = "/hq/jobs";
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _gone = new();
    private ITimer? _beat;
    private Sender _sender = Sender.Nobody;
    private IReadOnlyList<JobRun>? _runs;
    private string? _runsOf;
    private Refusal? _refusal;
    private Refusal? _answer;
    private bool _busy;
    private bool _loading;

    /// <summary>Name of the open job.</summary>
    [SupplyParameterFromQuery(Name = "job")]
    public string? Job { get; set; }

    /// <summary>Key of what was read while the page was prerendered.</summary>
    [PersistentState]
    public Guid? Carried { get; set; }

    [Inject] private JobBoard Board { get; set; } = default!;
    [Inject] private JobControl Control { get; set; } = default!;
    [Inject] private Session Session { get; set; } = default!;
    [Inject] private NavCounts Counts { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;
    [Inject] private PageCarry Carry { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;

    private JobsView? View { get; set; }

    private JobView? Open => View?.Jobs.FirstOrDefault(j => j.Name == Job);

    protected override async Task OnParametersSetAsync()
    {
        if (_runsOf != Job) (_runs, _answer, _runsOf) = (null, null, Job);
        _sender = (await Session.GetAsync()).Sender;
        View ??= Carry.Take<JobsView>(Carried);
        await LoadAsync();
        if (!RendererInfo.IsInteractive && View is not null) Carried = Carry.Put(View);
        if (_beat is null && RendererInfo.IsInteractive && !_gone.IsCancellationRequested)
            _beat = Time.CreateTimer(_ => _ = InvokeAsync(RenewAsync), null, Beat, Beat);
    }

    public void Dispose()
    {
        _gone.Cancel();
        _beat?.Dispose();
        _gone.Dispose();
    }

    private static string HrefOf(string job) => $"{Address}?job={Uri.EscapeDataString(job)}";

    private async Task RenewAsync()
    {
        // A slow answer must not pile up further questions.
        if (_loading || _gone.IsCancellationRequested) return;
        await LoadAsync();
        StateHasChanged();
    }

    private async Task LoadAsync()
    {
        _loading = true;
        try
        {
            var result = await Board.ReadAsync(_sender, _gone.Token);
            _refusal = result.Refusal;
            if (result.IsRefused) return;
            View = result.Value;
            Counts.Set("jobs", View.Jobs.Count(j => j.State == JobState.Stuck || j.Last?.Outcome == JobOutcome.Failed));
            if (Job is not { } open || Open is null) return;
            var runs = await Board.HistoryAsync(_sender, open, _gone.Token);
            if (!runs.IsRefused && open == Job) _runs = runs.Value;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page is gone; nobody waits for the answer.
        }
        finally
        {
            _loading = false;
        }
    }

    private Task RunNowAsync() => SteerAsync(Control.RunNowAsync, title => $"Run of {title} asked for");

    private Task PauseAsync() => SteerAsync(Control.PauseAsync, title => $"{title} paused");

    private Task ResumeAsync() => SteerAsync(Control.ResumeAsync, title => $"{title} resumed");

    private async Task SteerAsync(Func<Sender, string, CancellationToken, Task<Result<Done>>> command, Func<string, string> said)
    {
        if (Open is not { } job || _busy) return;
        _busy = true;
        try
        {
            // Begun is begun: leaving the page must not tear the command in two.
            _answer = (await command(_sender, job.Name, CancellationToken.None)).Refusal;
            if (_answer is null) Toasts.Say(said(job.Title));
        }
        finally
        {
            _busy = false;
        }

        await LoadAsync();
        // What was asked for begins at once on this node; do not leave the reader waiting for the next beat.
        _beat?.Change(TimeSpan.FromSeconds(1), Beat);
    }
}
