using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>F22: two web processes on one database.</summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class TwoNodeFaultTests(PostgresServer server) : WebNodeTest(server)
{
    [Fact]
    public async Task F22_Two_processes_run_every_scheduled_time_once_and_carry_every_proposal_out_once()
    {
        await StartNodeAsync();
        await StartNodeAsync();
        // Not before: a program does not start on a database with a function like this one.
        await SqlAsync("""
            create table public.firings (sched_time bigint not null, job text not null, entry_id text not null, primary key (sched_time, job, entry_id));
            create function public.note_firing() returns trigger language plpgsql security definer as $f$
            begin
              if new.state = 'EXECUTING' then insert into public.firings values (new.sched_time, new.job_name, new.entry_id) on conflict do nothing; end if;
              return null;
            end $f$;
            create trigger note_firing after insert or update on quartz.qrtz_fired_triggers for each row execute function public.note_firing();
            """);
        var all = new List<Submitted>();
        for (var i = 0; i < 25; i++) all.Add(await ProposeNoteAsync(PortoStaff, $"both {i}"));
        foreach (var made in all) Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        // All at the same moment: both see all of them.
        await TamperAsync("update proposals.proposals set grace_until = clock_timestamp() where state = 'Grace'");
        await Eventually.True(async () => await CountAsync($"select count(*) from proposals.proposals where state = '{nameof(ProposalState.Succeeded)}'") == all.Count, "everything was carried out", 90);
        Assert.Equal((all.Count, all.Count), (await CountAsync("select count(*) from organization.blackouts"), await CountAsync("select count(distinct label) from organization.blackouts")));
        Assert.Equal(all.Count, await CountAsync("select count(*) from audit.entries where action = 'proposal.execute' and outcome = 'done'"));
        await Eventually.True(async () => await CountAsync("select count(distinct sched_time) from public.firings where job = 'proposals.sweep'") >= 2, "the jobs had their time twice", 90);
        Assert.Equal(0, await CountAsync("select count(*) from (select 1 from public.firings group by sched_time, job having count(*) > 1) twice"));
        Assert.Equal(2, await CountAsync("select count(*) from proposals.executor_leases where until > clock_timestamp()"));
    }
}
