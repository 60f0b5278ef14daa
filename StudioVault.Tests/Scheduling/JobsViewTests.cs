using Bunit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Tests.Ui;
using StudioVault.Web.Scheduling;
using Xunit;

namespace StudioVault.Tests.Scheduling;

public sealed class JobsViewTests : UiTest
{
    private DateTimeOffset Now => Clock.GetUtcNow();

    private JobView Sweep => new("presence-sweep", "Clear old traces", "Forgets who was looking.", "every minute", JobState.Scheduled, null,
        new JobRun(Now.AddSeconds(-40), TimeSpan.FromMilliseconds(12), JobOutcome.Done, "one", false, "Forgot 12 traces"), Now.AddSeconds(20), 0, null, null);

    [Fact]
    public void A_row_says_schedule_state_last_run_with_its_length_and_the_next_run()
    {
        var row = Table(Sweep).Find("tbody tr");
        Assert.Equal("/hq/jobs?job=presence-sweep", row.QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal("every minute", row.QuerySelector("td.col-schedule")!.TextContent);
        Assert.Contains("On schedule", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("40\u00A0s ago · 12\u00A0ms", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("in 20\u00A0s", row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_job_names_its_node() =>
        Assert.Contains("on two", Table(Sweep with { State = JobState.Running, Running = new JobRunning("two", Now.AddSeconds(-3)) }).Find("tbody tr").TextContent, StringComparison.Ordinal);

    [Fact]
    public void A_paused_job_names_who_paused_it_and_promises_no_next_run()
    {
        var row = Table(Sweep with { State = JobState.Paused, Next = null, PausedBy = "Helena", PausedAt = Now.AddMinutes(-5) }).Find("tbody tr");
        Assert.Contains("by Helena 5\u00A0min ago", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("not until resumed", row.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(JobState.Scheduled, JobOutcome.Done, "The only job runs on schedule.")]
    [InlineData(JobState.Scheduled, JobOutcome.Failed, "One job failed at the last run.")]
    [InlineData(JobState.Stuck, JobOutcome.Failed, "One job cannot be started any more.")]
    [InlineData(JobState.Paused, JobOutcome.Done, "One job is paused; the others run on schedule.")]
    public void One_sentence_answers_whether_anything_is_wrong(JobState state, JobOutcome last, string sentence) =>
        Assert.Equal(sentence, JobWords.Verdict(View(Sweep with { State = state, Last = Sweep.Last! with { Outcome = last } })).Sentence);

    [Fact]
    public void With_no_node_alive_it_is_said_before_anything_else()
    {
        var view = View(Sweep) with { Nodes = [] };
        Assert.Equal("Nothing runs: no node takes jobs now.", JobWords.Verdict(view).Sentence);
        Assert.Contains("Jobs:Enabled", Render<JobNodes>(p => p.Add(n => n.View, view)).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_node_is_marked_and_a_page_node_without_jobs_says_so()
    {
        var nodes = Render<JobNodes>(p => p.Add(n => n.View, View(Sweep) with { RunsHere = false, Nodes = [new JobNode("one", Now.AddSeconds(-14), false, false)] }));
        Assert.Contains("Silent", nodes.Markup, StringComparison.Ordinal);
        Assert.Contains("checked in 14\u00A0s ago", nodes.Find(".row-side").TextContent.Replace("\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("runs none", nodes.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_detail_shows_the_error_of_a_failed_run_and_which_runs_were_asked_for()
    {
        var detail = Detail(Sweep, [new(Now.AddMinutes(-1), TimeSpan.FromSeconds(2), JobOutcome.Failed, "one", true, "The bucket is empty")]);
        Assert.Equal("The bucket is empty", detail.Find(".run-error").TextContent);
        Assert.Contains("Run now", detail.Find(".run .tag").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_never_ran_says_when_it_will() =>
        Assert.Contains("It has not run yet. Its first run comes at 09:00:20 UTC", Detail(Sweep with { Last = null }, []).Markup, StringComparison.Ordinal);

    [Fact]
    public void A_paused_job_offers_to_resume_and_no_pause()
    {
        var buttons = Detail(Sweep with { State = JobState.Paused, PausedAt = Now }, []).FindAll("button").Select(b => b.TextContent).ToList();
        Assert.Contains("Resume the schedule", buttons);
        Assert.DoesNotContain("Pause the schedule", buttons);
    }

    [Fact]
    public void A_paused_job_that_runs_still_offers_to_resume() =>
        Assert.Contains("Resume the schedule", Detail(Sweep with { State = JobState.Running, Running = new JobRunning("one", Now), PausedAt = Now }, []).FindAll("button").Select(b => b.TextContent));

    [Fact]
    public void Run_now_waits_while_a_run_is_already_asked_for() =>
        Assert.True(Detail(Sweep with { State = JobState.Waiting }, []).Find(".btn-primary").HasAttribute("disabled"));

    [Fact]
    public void A_job_of_another_version_has_no_buttons() =>
        Assert.Empty(Detail(Sweep with { State = JobState.Foreign }, []).FindAll("button"));

    [Fact]
    public void A_refused_button_says_why_in_place() =>
        Assert.Contains(JobRefusals.AlreadyAsked.Sentence, Detail(Sweep, [], JobRefusals.AlreadyAsked).Find("[role=alert]").TextContent, StringComparison.Ordinal);

    private JobsView View(params JobView[] jobs) => new(Now, true, jobs, [new JobNode("one", Now, true, true)]);

    private IRenderedComponent<JobsTable> Table(params JobView[] jobs) =>
        Render<JobsTable>(p => p.Add(t => t.View, View(jobs)).Add(t => t.HrefOf, job => $"/hq/jobs?job={job}"));

    private IRenderedComponent<JobDetail> Detail(JobView job, IReadOnlyList<JobRun> runs, Refusal? refusal = null) =>
        Render<JobDetail>(p => p.Add(d => d.Job, job).Add(d => d.Runs, runs).Add(d => d.AsOf, Now).Add(d => d.CloseHref, "/hq/jobs").Add(d => d.Refusal, refusal));
}
