using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Persistence;

/// <summary>What the start check names, one trouble at a time; and that it is silent otherwise.</summary>
public sealed class VaultGuardTests(PostgresServer server) : VaultTest(server)
{
    private readonly List<string> _roles = [];

    public override async ValueTask DisposeAsync()
    {
        // Roles belong to the server, which other tests share.
        foreach (var role in _roles) await SqlAsync($"reassign owned by {role} to postgres; drop owned by {role}; drop role {role}");
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_database_as_the_set_up_leaves_it_has_no_finding() => Assert.Empty(await FindingsAsync());

    private static readonly (string Sabotage, string Finding)[] Sabotages =
    [
        ("alter table organization.blackouts disable row level security", "organization.blackouts lacks forced row-level security"),
        ("alter table packages.update_offers no force row level security", "packages.update_offers lacks forced row-level security"),
        ("alter table audit.entries no force row level security", "audit.entries lacks forced row-level security"),
        ("alter table organization.people disable row level security", "organization.people lacks forced row-level security"),
        ("drop policy projects_read on agreements.projects", "agreements.projects has lost its policy projects_read"),
        ("alter policy projects_read on agreements.projects using (true)", "Policy projects_read of table agreements.projects was changed"),
        ("alter policy projects_insert on agreements.projects with check (true)", "Policy projects_insert of table agreements.projects was changed"),
        ("alter policy projects_update on agreements.projects to studiovault_sequencer", "Policy projects_update of table agreements.projects was changed"),
        ("alter policy entries_read on audit.entries using (branch_id is null or (select current_setting('app.scope', true)) = 'hq')", "Policy entries_read of table audit.entries was changed"),
        ("create policy open on agreements.projects for select using (true)", "agreements.projects has a policy that is not StudioVault's, open"),
        ("create policy open on audit.leaves using (true)", "audit.leaves has a policy that is not StudioVault's, open"),
        ("drop trigger blackouts_audited on organization.blackouts", "organization.blackouts can be changed without an audit entry: its trigger blackouts_audited is gone"),
        ("alter table organization.blackouts disable trigger blackouts_audited", "organization.blackouts can be changed without an audit entry: its trigger blackouts_audited is disabled"),
        ("alter table organization.blackouts enable replica trigger blackouts_audited", "its trigger blackouts_audited is disabled"),
        ("create or replace trigger blackouts_audited before insert on organization.blackouts for each statement execute function audit.require_entry()", "its trigger blackouts_audited was changed"),
        ("create or replace trigger blackouts_audited before insert or update or delete or truncate on organization.blackouts for each statement when (false) execute function audit.require_entry()", "its trigger blackouts_audited was changed"),
        ("drop trigger entries_insert_only on audit.entries", "audit.entries is not insert-only any more: its trigger entries_insert_only is gone"),
        ("drop trigger projects_pinned on agreements.projects", "agreements.projects lets its pinned columns change: its trigger projects_pinned is gone"),
        ("create or replace trigger projects_pinned before update of package_id on agreements.projects for each statement execute function audit.refuse_change()", "its trigger projects_pinned was changed"),
        ("drop trigger update_offers_of_branches on packages.update_offers", "packages.update_offers may name rows that are not there: its trigger update_offers_of_branches is gone"),
        ("create or replace trigger update_offers_of_branches after insert on packages.update_offers referencing new table as added for each statement execute function audit.require_named('organization.branches', 'true')", "its trigger update_offers_of_branches was changed"),
        ("create or replace function audit.require_entry() returns trigger language plpgsql as $$ begin return null; end $$", "Function audit.require_entry, which guards what is written, was changed"),
        ("create or replace function audit.expect_one(n bigint) returns void language plpgsql as $$ begin end $$", "Function audit.expect_one, which guards what is written, was changed"),
        ("alter function audit.refuse_change() set search_path = public", "Function audit.refuse_change, which guards what is written, was changed"),
        ("grant update on audit.entries to studiovault_app", "Role studiovault_app may UPDATE table audit.entries; it must not"),
        ("grant insert (at) on audit.entries to studiovault_app", "Role studiovault_app may INSERT table audit.entries (at); it must not"),
        ("grant truncate on organization.blackouts to public", "Everybody may TRUNCATE table organization.blackouts; it must not"),
        ("grant select on audit.entries to public", "Everybody may SELECT table audit.entries; it must not"),
        ("grant insert on audit.leaves to studiovault_app", "Role studiovault_app may INSERT table audit.leaves; it must not"),
        ("grant insert on organization.people to studiovault_backup", "Role studiovault_backup may INSERT table organization.people; it must not"),
        ("grant delete on live.positions to studiovault_sequencer", "Role studiovault_sequencer may DELETE table live.positions; it must not"),
        ("revoke insert on packages.update_offers from studiovault_app", "Role studiovault_app may not INSERT table packages.update_offers, but has to"),
        ("create view organization.everything as select * from organization.blackouts; grant select on organization.everything to studiovault_app", "View organization.everything reads with its owner's rights"),
        ("create materialized view organization.anything as select * from organization.blackouts; grant select on organization.anything to studiovault_app", "View organization.anything reads with its owner's rights"),
        ("create function audit.all_people() returns bigint security definer language sql as 'select count(*) from organization.people'", "Function audit.all_people runs with its owner's rights"),
        ("create table packages.copy as select * from packages.package_revisions; grant select on packages.copy to studiovault_app", "Table packages.copy has rows of branches"),
        ("grant create on schema organization to studiovault_app", "may create tables"),
    ];

    [Fact]
    public async Task Names_each_thing_that_was_taken_away_or_opened_and_nothing_else()
    {
        var missed = new List<string>();
        foreach (var (sabotage, finding) in Sabotages)
        {
            await SqlAsync(sabotage);
            var findings = await FindingsAsync();
            if (findings.Count != 1 || !findings[0].Contains(finding, StringComparison.Ordinal))
                missed.Add($"{sabotage} → {string.Join(" | ", findings.DefaultIfEmpty("nothing"))}");
            await RepairAsync();
        }

        Assert.Empty(missed);
        Assert.Empty(await FindingsAsync());
    }

    [Fact]
    public async Task Names_what_the_migrate_verb_has_to_bring()
    {
        await SqlAsync("drop table quartz.qrtz_locks");
        Assert.Equal("Table quartz.qrtz_locks is missing: run the 'migrate' verb.", Assert.Single(await FindingsAsync()));
        await SqlAsync("drop table live.presence");
        Assert.Contains("Table live.presence is missing: run the 'migrate' verb.", await FindingsAsync());
        await SqlAsync("revoke select on public.migrations from studiovault_app");
        Assert.Contains("may not read the list of migrations", Assert.Single(await FindingsAsync()), StringComparison.Ordinal);
        await SqlAsync("grant select on public.migrations to studiovault_app; delete from public.migrations");
        Assert.Contains("The database lacks", Assert.Single(await FindingsAsync()), StringComparison.Ordinal);
        await SqlAsync("drop table public.migrations");
        Assert.Contains("The database lacks", Assert.Single(await FindingsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_in_peace_what_does_no_harm()
    {
        var reader = await RoleAsync("");
        await SqlAsync($"""
            create view organization.fine with (security_invoker = true) as select * from organization.blackouts; grant select on organization.fine to studiovault_app;
            create view organization.closed as select * from organization.blackouts;
            create index on organization.blackouts (label);
            grant select on all tables in schema organization to {reader}
            """);
        Assert.Empty(await FindingsAsync());
    }

    [Fact]
    public async Task Names_a_role_that_is_too_strong()
    {
        foreach (var (attribute, finding) in new[]
                 {
                     ("superuser", "is a superuser"), ("bypassrls", "bypasses row-level security"), ("createrole", "may create roles"),
                     ("createdb", "may create databases"), ("replication", "may replicate"),
                 })
        {
            var role = await RoleAsync(attribute);
            Assert.Contains($"The role the app logs in as {finding}; it must not.", await FindingsAsync(role));
            Assert.Contains($"The role the sequencer logs in as {finding}; it must not.", await FindingsAsync(VaultRoles.Default.App, role));
        }
    }

    [Fact]
    public async Task Names_a_role_that_was_given_too_much()
    {
        foreach (var (grant, finding) in new[]
                 {
                     ("grant studiovault_owner to {0}", "is a member of another role"),
                     ("grant pg_read_all_data to {0}", "is a member of another role"),
                     ("alter table live.presence owner to {0}", "owns something in the database"),
                     ("create schema mine authorization {0}", "owns something in the database"),
                     ("alter function audit.refuse_change() owner to {0}", "owns something in the database"),
                     ("grant create on schema packages to {0}", "may create tables"),
                     ($"grant create on database {Database} to {{0}}", "may create schemas"),
                     ($"grant temporary on database {Database} to {{0}}", "may create temporary tables"),
                     ("grant set on parameter session_replication_role to {0}", "may switch triggers off"),
                 })
        {
            var role = await RoleAsync("");
            await SqlAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, grant, role));
            Assert.Contains($"The role the app logs in as {finding}; it must not.", await FindingsAsync(role));
        }
    }

    [Fact]
    public async Task Names_the_grants_of_a_login_of_another_name()
    {
        var role = await RoleAsync("");
        const string Lists = """
            select string_agg(format('grant %s on %I.%I to {0};', g.privilege_type, n.nspname, c.relname), '') from pg_class c join pg_namespace n on n.oid = c.relnamespace
              cross join lateral aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee where r.rolname = '{1}' and c.relkind = 'r'
            union all select string_agg(format('grant %s (%I) on %I.%I to {0};', g.privilege_type, a.attname, n.nspname, c.relname), '') from pg_class c join pg_namespace n on n.oid = c.relnamespace
              join pg_attribute a on a.attrelid = c.oid cross join lateral aclexplode(a.attacl) g join pg_roles r on r.oid = g.grantee where r.rolname = '{1}'
            union all select string_agg(format('grant usage on schema %I to {0};', n.nspname), '') from pg_namespace n cross join lateral aclexplode(n.nspacl) g join pg_roles r on r.oid = g.grantee where r.rolname = '{1}'
            """;
        var less = Assert.Single(await FindingsAsync(role));
        Assert.Contains($"Role {role}, which the app logs in as, may not ", less, StringComparison.Ordinal);
        Assert.Contains("Log in as studiovault_app", less, StringComparison.Ordinal);

        // The same rights, given by hand: nothing to say.
        foreach (var grants in await ListAsync(Lists.Replace("{0}", role, StringComparison.Ordinal).Replace("{1}", VaultRoles.Default.App, StringComparison.Ordinal))) await SqlAsync(grants);
        Assert.Empty(await FindingsAsync(role, VaultRoles.Default.Sequencer));

        await SqlAsync($"grant truncate on organization.blackouts to {role}");
        Assert.Equal($"Role {role}, which the app logs in as, may TRUNCATE table organization.blackouts; studiovault_app may not. Revoke it, or log in as studiovault_app.", Assert.Single(await FindingsAsync(role)));
        await SqlAsync($"grant all on all tables in schema audit, packages to {role}");
        Assert.Contains($"Role {role}, which the app logs in as, may ", Assert.Single(await FindingsAsync(role)), StringComparison.Ordinal);

        // As the sequencer it has too much of one and too little of the other.
        var findings = await FindingsAsync(VaultRoles.Default.App, role);
        Assert.All(findings, f => Assert.StartsWith($"Role {role}, which the sequencer logs in as, may ", f, StringComparison.Ordinal));
        Assert.NotEmpty(findings);
        Assert.Contains(await FindingsAsync(VaultRoles.Default.App, VaultRoles.Default.App), f => f.StartsWith("Role studiovault_app, which the sequencer logs in as, may not ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_a_setting_of_a_role_that_makes_a_promise_untrue()
    {
        foreach (var (setting, value) in new[] { ("synchronous_commit", "off"), ("synchronous_commit", "local"), ("synchronous_commit", "remote_write"), ("session_replication_role", "replica") })
        {
            var role = await RoleAsync("");
            await SqlAsync($"alter role {role} set {setting} = {value}");
            Assert.Contains(await FindingsAsync(role), f => f.Contains($"the app with {setting} = {value}", StringComparison.Ordinal));
            Assert.Contains(await FindingsAsync(VaultRoles.Default.App, role), f => f.Contains($"the sequencer with {setting} = {value}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Names_a_setting_of_the_database_that_makes_a_promise_untrue()
    {
        await SqlAsync($"alter database {Database} set synchronous_commit = off");
        Assert.Contains(await FindingsAsync(), f => f.Contains("synchronous_commit = off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_a_server_that_does_not_keep_what_it_acknowledged()
    {
        using var folder = new ShortFolder();
        await using var careless = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions
        {
            Folder = folder["pg"],
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["full_page_writes"] = "off", ["synchronous_commit"] = "off" },
        }, Ct);
        await using var source = NpgsqlDataSource.Create(careless.ConnectionString("postgres", EmbeddedPostgres.Superuser));
        var findings = await VaultGuard.FindingsAsync(source, null, Ct);
        foreach (var setting in new[] { "fsync", "full_page_writes", "synchronous_commit" })
            Assert.Contains(findings, f => f.Contains($"{setting} = off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_a_connection_string_that_leaks_scopes()
    {
        foreach (var setting in new[] { "No Reset On Close", "Multiplexing" })
        {
            await using var source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.App) + $";{setting}=true");
            Assert.Contains(setting, Assert.Single(await VaultGuard.FindingsAsync(source, null, Ct)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_a_pooler_between_us_and_the_server()
    {
        using var pooler = new Pooler(Server.For(Database, VaultRoles.Default.App));
        await using var source = NpgsqlDataSource.Create(pooler.ConnectionString);
        Assert.Contains("connection pooler", Assert.Single(await VaultGuard.FindingsAsync(source, null, Ct)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_set_up_puts_back_what_was_taken_away_when_asked_to()
    {
        await SqlAsync("""
            alter table organization.blackouts disable row level security; create policy open on agreements.projects using (true);
            alter table audit.entries disable trigger entries_insert_only; drop trigger blackouts_audited on organization.blackouts;
            grant all on all tables in schema audit to studiovault_app, studiovault_backup, public; alter policy outbox_read on live.outbox using (true);
            create or replace function audit.require_entry() returns trigger language plpgsql as $$ begin return null; end $$;
            """);
        var superuser = Server.For(Database, EmbeddedPostgres.Superuser);
        await VaultSetup.RunAsync(superuser, null, Ct);
        Assert.NotEmpty(await FindingsAsync());
        await VaultSetup.RunAsync(superuser, null, Ct, again: true);
        Assert.Empty(await FindingsAsync());
    }

    [Fact]
    public async Task A_start_with_findings_lists_them_all_without_a_secret_and_exits_2()
    {
        using var folder = new ShortFolder();
        await SqlAsync("alter table organization.blackouts disable row level security; drop trigger projects_pinned on agreements.projects");
        await using var program = WebProcess.Start(folder["d"],
            ("ConnectionStrings__Vault", Server.For(Database, VaultRoles.Default.App) + ";No Reset On Close=true;Password=c4n4ry"),
            ("ConnectionStrings__VaultSequencer", Server.For(Database, VaultRoles.Default.Sequencer) + ";Password=c4n4ry"));
        Assert.Equal(2, await program.ExitAsync());
        foreach (var part in new[] { "No Reset On Close", "organization.blackouts lacks forced", "projects_pinned is gone" })
            Assert.Contains(part, program.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", program.Errors + program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" at StudioVault.", program.Errors, StringComparison.Ordinal);
    }

    /// <summary>Undoes any of the sabotages.</summary>
    private async Task RepairAsync()
    {
        await SqlAsync($"""
            drop view if exists organization.everything; drop materialized view if exists organization.anything; drop function if exists audit.all_people(); drop table if exists packages.copy;
            revoke create on schema organization from studiovault_app; alter table organization.blackouts enable trigger all;
            alter function audit.refuse_change() reset all;
            set role studiovault_owner; {SchemaProtection.Sql(IsolationMatrix.Model, VaultRoles.Default)}; reset role
            """);
    }

    private Task<IReadOnlyList<string>> FindingsAsync() => FindingsAsync(VaultRoles.Default.App, VaultRoles.Default.Sequencer);

    private async Task<IReadOnlyList<string>> FindingsAsync(string app, string? sequencer = null)
    {
        await using var appSource = NpgsqlDataSource.Create(Server.For(Database, app) + ";Pooling=false");
        await using var sequencerSource = sequencer is null ? null : NpgsqlDataSource.Create(Server.For(Database, sequencer) + ";Pooling=false");
        return await VaultGuard.FindingsAsync(appSource, sequencerSource, Ct);
    }

    private async Task<List<string>> ListAsync(string sql)
    {
        await using var command = Superuser.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var list = new List<string>();
        while (await reader.ReadAsync(Ct)) list.Add(reader.GetString(0));
        return list;
    }

    /// <summary>A role of this test alone.</summary>
    private async Task<string> RoleAsync(string attributes)
    {
        var role = "guard_" + Guid.NewGuid().ToString("N")[..12];
        await SqlAsync($"create role {role} login {attributes}; grant usage on schema public to {role}; grant select on public.migrations to {role}");
        _roles.Add(role);
        return role;
    }

    /// <summary>What a pooler in transaction mode looks like from here: it makes up the process number it tells its clients.</summary>
    private sealed class Pooler : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly string _socket;

        public Pooler(string connectionString)
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            _socket = Path.Combine(settings.Host!, $".s.PGSQL.{settings.Port}");
            _listener.Start();
            (settings.Host, settings.Port, settings.SslMode, settings.Pooling) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode.Disable, false);
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
            ConnectionString = settings.ConnectionString;
            _ = ServeAsync();
        }

        public string ConnectionString { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            using var client = await _listener.AcceptTcpClientAsync(Ct);
            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), Ct);
            await using var down = new NetworkStream(server);
            var up = client.GetStream();
            var forward = up.CopyToAsync(down, Ct);
            var head = new byte[5];
            for (var isIdle = false; !isIdle;)
            {
                await down.ReadExactlyAsync(head, Ct);
                var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
                await down.ReadExactlyAsync(body, Ct);
                if (head[0] == (byte)'K') BinaryPrimitives.WriteInt32BigEndian(body, BinaryPrimitives.ReadInt32BigEndian(body) + 1);
                isIdle = head[0] == (byte)'Z';
                await up.WriteAsync(head, Ct);
                await up.WriteAsync(body, Ct);
            }

            await down.CopyToAsync(up, Ct);
            await forward;
        }
    }
}
