using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

public sealed class DeliveryExtendTests(PostgresServer server) : CapabilityTest(server)
{
    private DeliveryId _delivery;
    private ProjectId _project;
    private DateOnly _promised;

    private DeliveryCommands Deliveries => field ??= new DeliveryCommands(Door, Papers, new DeliveryFiles(Path.GetTempPath()));

    [Fact]
    public async Task Extends_and_takes_back_to_what_was_promised()
    {
        await OpenAsync();
        var until = _promised.AddDays(20);
        var write = await PreparedAsync(DeliveryExtend.Name, To(until));
        Assert.Equal($"Keep “All photographs” for Marta & João online until {until:d MMMM yyyy}", write.Title);
        Assert.Equal($"{_promised:d MMMM yyyy} > {until:d MMMM yyyy}", Change(write, "Online until"));
        Assert.Equal([$"Promised until {_promised:d MMMM yyyy}; this is 20 days longer."], write.Notes);
        var extended = await ExecutedAsync(DeliveryExtend.Name, To(until));
        Assert.Equal($"{until:yyyy-MM-dd}|They are abroad.", await StandsAsync());
        await UndoAsync(extended);
        Assert.Equal($"{_promised:yyyy-MM-dd}|", await StandsAsync());
        await RefusedAsync("refuse.delivery.not_extended", DeliveryTakeBackExtension.Name, extended.Undo!.Args);
    }

    [Fact]
    public async Task Only_the_last_extension_is_taken_back_to_the_day_and_reason_before_and_given_again()
    {
        await OpenAsync();
        var first = await ExecutedAsync(DeliveryExtend.Name, To(_promised.AddDays(10), "Their house burnt down."));
        var second = await ExecutedAsync(DeliveryExtend.Name, To(_promised.AddDays(20)));
        await RefusedAsync("refuse.delivery.not_extended", DeliveryTakeBackExtension.Name, first.Undo!.Args);
        var back = await UndoAsync(second);
        Assert.Equal($"{_promised.AddDays(10):yyyy-MM-dd}|Their house burnt down.", await StandsAsync());
        await UndoAsync(back);
        Assert.Equal($"{_promised.AddDays(20):yyyy-MM-dd}|They are abroad.", await StandsAsync());
    }

    [Fact]
    public async Task After_a_day_somebody_relies_on_it()
    {
        await OpenAsync();
        var extended = await ExecutedAsync(DeliveryExtend.Name, To(_promised.AddDays(20)));
        await SqlAsync("set session_replication_role = replica; update agreements.deliveries set extended_at = extended_at - interval '25 hours'");
        await RefusedAsync("refuse.delivery.take_back_late", DeliveryTakeBackExtension.Name, extended.Undo!.Args);
    }

    [Fact]
    public async Task Refuses_days_that_are_not_later_or_over_and_what_is_offline()
    {
        await OpenAsync();
        await RefusedAsync("refuse.delivery.not_later", DeliveryExtend.Name, To(_promised));
        await RefusedAsync("refuse.delivery.over_already", DeliveryExtend.Name, To(new DateOnly(2001, 1, 1)));
        await RefusedAsync("refuse.kernel.not_found", DeliveryExtend.Name, Args(("deliveryId", Guid.NewGuid().ToString()), ("until", "2099-01-01"), ("reason", "x")));
        var etag = await EtagAsync(DeliveryExtend.Name, To(_promised.AddDays(5)));
        Assert.Null((await Deliveries.OpenAsync(PortoStaff, Porto, _project, "Another one", Ct)).Refusal);
        Assert.Equal(etag, await EtagAsync(DeliveryExtend.Name, To(_promised.AddDays(5))));
        Assert.Null((await Deliveries.ExtendAsync(PortoStaff, Porto, _project, _delivery, _promised.AddDays(1), "By hand.", Ct)).Refusal);
        Assert.NotEqual(etag, await EtagAsync(DeliveryExtend.Name, To(_promised.AddDays(5))));
        Assert.Null((await Deliveries.RevokeAsync(PortoStaff, Porto, _project, _delivery, "Wrong pictures.", Ct)).Refusal);
        await RefusedAsync("refuse.delivery.revoked", DeliveryExtend.Name, To(_promised.AddDays(5)));
    }

    private async Task OpenAsync()
    {
        _project = await ProjectOfAsync(await ExecutedAsync());
        _delivery = (await Deliveries.OpenAsync(PortoStaff, Porto, _project, "All photographs", Ct)).Value;
        _promised = (DateOnly)(await SqlAsync("select promised_until from agreements.deliveries"))!;
    }

    private JsonObject To(DateOnly until, string reason = "They are abroad.") => Args(("deliveryId", _delivery.ToString()), ("until", until.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)), ("reason", reason));

    private async Task<string> StandsAsync() => (string)(await SqlAsync("select online_until || '|' || coalesce(extended_reason, '') from agreements.deliveries"))!;
}
