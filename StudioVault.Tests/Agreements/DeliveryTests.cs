using System.Security.Cryptography;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class DeliveryTests(PostgresServer server) : ExecutedTest(server)
{
    private DeliveryFiles Disk => field ??= new DeliveryFiles(Folder["deliveries"]);

    private DeliveryCommands Deliveries => field ??= new DeliveryCommands(Door, Papers, Disk);

    [Fact]
    public async Task Its_end_follows_from_the_agreement_in_force_and_is_written_down_with_the_paper_that_says_so()
    {
        var project = await ProjectAsync();
        var (delivery, view) = await OpenAsync(project);
        var days = view.Delivery.OnlineDays;
        Assert.Equal((365, 1), (days, view.Delivery.TermsVersion));
        Assert.Equal(DeliveryClock.LastDay(view.Delivery.OpenedAt, days, "Europe/Lisbon"), view.Delivery.OnlineUntil);
        Assert.Equal(BranchClock.StartOf(view.Delivery.OnlineUntil!.Value.AddDays(1), "Europe/Lisbon"), view.EndsAt);
        Assert.Null((view with { Now = view.EndsAt!.Value.AddTicks(-1) }).Closed);
        Assert.Equal("refuse.delivery.expired", (view with { Now = view.EndsAt!.Value }).Closed!.Code);
        // Nothing but a later day can move it, whoever tries.
        await Assert.ThrowsAsync<PostgresException>(() => SqlAsync("update agreements.deliveries set online_until = promised_until - 1 where id = $1", delivery.Value));
        await Assert.ThrowsAsync<PostgresException>(() => SqlAsync("update agreements.deliveries set promised_until = promised_until - 1, online_until = promised_until - 1 where id = $1", delivery.Value));
    }

    [Fact]
    public async Task Without_an_executed_agreement_there_is_no_delivery()
    {
        var project = await BookedAsync();
        Assert.Equal("refuse.agreement.not_in_force", (await Deliveries.OpenAsync(PortoStaff, Porto, project, "Photographs", Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Deliveries.OpenAsync(PortoStaff, Porto, ProjectId.New(), "Photographs", Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Deliveries.OpenAsync(BerlinManager, Porto, project, "Photographs", Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task It_can_be_kept_longer_with_a_reason_and_never_shorter()
    {
        var project = await ProjectAsync();
        var (id, view) = await OpenAsync(project);
        var until = view.Delivery.OnlineUntil!.Value;
        Assert.Equal("refuse.delivery.not_later", (await Deliveries.ExtendAsync(PortoStaff, Porto, project, id, until, "They are abroad.", Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.reason_required", (await Deliveries.ExtendAsync(PortoStaff, Porto, project, id, until.AddDays(9), " ", Ct)).Refusal!.Code);
        Assert.Null((await Deliveries.ExtendAsync(PortoStaff, Porto, project, id, until.AddDays(9), "They are abroad.", Ct)).Refusal);
        var after = await ViewAsync(id);
        Assert.Equal((until, until.AddDays(9)), (after.Delivery.PromisedUntil!.Value, after.Delivery.OnlineUntil!.Value));
    }

    [Fact]
    public async Task Taken_offline_it_says_why_for_ever_and_takes_no_file_more()
    {
        var project = await ProjectAsync();
        var (id, _) = await OpenAsync(project);
        Assert.Equal("refuse.kernel.reason_required", (await Deliveries.RevokeAsync(PortoStaff, Porto, project, id, "", Ct)).Refusal!.Code);
        Assert.Null((await Deliveries.RevokeAsync(PortoStaff, Porto, project, id, "Wrong pictures; a new link is on its way.", Ct)).Refusal);
        Assert.Contains("a new link is on its way", (await ViewAsync(id)).Closed!.Sentence, StringComparison.Ordinal);
        Assert.Equal("refuse.delivery.revoked", (await Deliveries.RevokeAsync(PortoStaff, Porto, project, id, "Again.", Ct)).Refusal!.Code);
        Assert.Equal("refuse.delivery.revoked", (await AddAsync(id, "a.jpg", [1])).Refusal!.Code);
    }

    [Fact]
    public async Task Files_lie_under_their_hash_are_there_once_and_are_opened_only_while_they_are_what_was_delivered()
    {
        var (id, _) = await OpenAsync(await ProjectAsync());
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var first = (await AddAsync(id, "Marta & João.jpg", bytes)).Value;
        Assert.Equal(first, (await AddAsync(id, "Marta & João.jpg", bytes)).Value);
        Assert.Equal("refuse.delivery.no_file", (await AddAsync(id, "empty.jpg", [])).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Deliveries.AddFileAsync(BerlinManager, Porto, id, "x", new MemoryStream([1]), Ct)).Refusal!.Code);
        var file = Assert.Single((await ViewAsync(id)).Files);
        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(bytes)), 300_000L), (file.Sha256, file.Length));

        var path = Assert.Single(Directory.EnumerateFiles(Folder["deliveries"], file.Sha256, SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Folder["deliveries"], "incoming")));
        await using (var stream = (await Disk.OpenAsync(Porto, file.Sha256, file.Length, Ct)).Value) Assert.Equal(bytes, await ReadAsync(stream));
        // Another branch has it not, though the bytes are the same.
        Assert.Equal("refuse.delivery.file_damaged", (await Disk.OpenAsync(Berlin, file.Sha256, file.Length, Ct)).Refusal!.Code);

        bytes[1000] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ct);
        File.SetLastWriteTimeUtc(path, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("refuse.delivery.file_damaged", (await Disk.OpenAsync(Porto, file.Sha256, file.Length, Ct)).Refusal!.Code);
        bytes[1000] ^= 1;
        Assert.Null((await AddAsync(id, "again.jpg", bytes)).Refusal);
        await using (var mended = (await Disk.OpenAsync(Porto, file.Sha256, file.Length, Ct)).Value) Assert.Equal(bytes.Length, mended.Length);
        File.Delete(path);
        Assert.Equal("refuse.delivery.file_damaged", (await Disk.OpenAsync(Porto, file.Sha256, file.Length, Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing_behind()
    {
        var (id, _) = await OpenAsync(await ProjectAsync());
        await using var torn = new Torn();
        await Assert.ThrowsAsync<IOException>(() => Deliveries.AddFileAsync(PortoStaff, Porto, id, "a.zip", torn, Ct));
        Assert.Empty(Directory.EnumerateFiles(Folder["deliveries"], "*", SearchOption.AllDirectories));
        Assert.Empty((await ViewAsync(id)).Files);
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\me\\Bilder\\Hochzeit.zip", "Hochzeit.zip")]
    [InlineData("evil\u202Egpj.exe", "evilgpj.exe")]
    [InlineData("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie_ x=1.jpg")]
    [InlineData("", "file")]
    [InlineData("...", "file")]
    [InlineData(".htaccess", "htaccess")]
    [InlineData("CON.txt", "_CON.txt")]
    [InlineData("com1", "_com1")]
    [InlineData("Fête “grande” 婚礼 😀.jpg", "Fête “grande” 婚礼 😀.jpg")]
    [InlineData("what?*.jpg", "what__.jpg")]
    public void Names_are_safe_on_every_system_and_keep_their_letters(string given, string safe) => Assert.Equal(safe, DeliveryFile.SafeName(given));

    [Fact]
    public void A_long_name_keeps_its_ending_and_whole_letters()
    {
        var name = DeliveryFile.SafeName(string.Concat(Enumerable.Repeat("😀", 300)) + ".jpeg");
        Assert.True(name.Length <= DeliveryFile.LongestName);
        Assert.EndsWith("😀.jpeg", name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_is_for_deliveries_alone_and_cannot_be_made_up()
    {
        var (id, _) = await OpenAsync(await ProjectAsync());
        var token = Links.TokenOf(LinkKind.Delivery, Porto, id.Value);
        Assert.Equal(new LinkTarget(Porto, id.Value), Links.Read(LinkKind.Delivery, token));
        Assert.Null(Links.Read(LinkKind.Signing, token));
        Assert.Null(Links.Read(LinkKind.Delivery, token[..^1] + (token[^1] == 'A' ? 'Q' : 'A')));
    }

    private async Task<ProjectId> ProjectAsync()
    {
        await ExecutedAsync();
        return new ProjectId((Guid)(await SqlAsync("select id from agreements.projects"))!);
    }

    private async Task<(DeliveryId Id, DeliveryView View)> OpenAsync(ProjectId project)
    {
        var opened = await Deliveries.OpenAsync(PortoStaff, Porto, project, "All photographs", Ct);
        Assert.Null(opened.Refusal);
        return (opened.Value, await ViewAsync(opened.Value));
    }

    private async Task<DeliveryView> ViewAsync(DeliveryId id) => (await Deliveries.OfLinkAsync(new LinkTarget(Porto, id.Value), Ct)).Value;

    private Task<Domain.Kernel.Result<Guid>> AddAsync(DeliveryId id, string name, byte[] bytes) => Deliveries.AddFileAsync(PortoStaff, Porto, id, name, new MemoryStream(bytes), Ct);

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }

    private sealed class Torn : MemoryStream
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ++_reads < 3 ? ValueTask.FromResult(buffer.Length) : throw new IOException("The line is gone.");
    }
}
