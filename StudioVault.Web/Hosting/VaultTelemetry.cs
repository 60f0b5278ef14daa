using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Metrics and traces to an OTLP collector, when one is configured. Built by hand: the package that hooks OpenTelemetry into
/// the host is not in the package source.
/// </summary>
internal sealed class VaultTelemetry : IHostedService, IDisposable
{
    /// <summary>Meter and activity source of everything of ours.</summary>
    public const string Name = "StudioVault";

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    public VaultTelemetry(TelemetrySettings settings)
    {
        if (settings.OtlpEndpoint is not { } collector)
            return;
        var resource = ResourceBuilder.CreateDefault().AddService(Name, serviceVersion: typeof(VaultTelemetry).Assembly.GetName().Version?.ToString(3));
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Components",
                "Microsoft.AspNetCore.Components.Server.Circuits", "Microsoft.AspNetCore.Http.Connections", "Npgsql", "Quartz", "System.Runtime")
            .AddOtlpExporter(o => Send(o, collector, "v1/metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource(Name, "Microsoft.AspNetCore", "Npgsql", "Quartz")
            .AddProcessor(new SpanScrubber())
            .AddOtlpExporter(o => Send(o, collector, "v1/traces"))
            .Build();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Disposing sends what is still waiting.
    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
    }

    // With an address of its own the exporter does not add the path of the signal by itself.
    private static void Send(OtlpExporterOptions options, Uri collector, string path)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri(collector.AbsoluteUri.TrimEnd('/') + "/" + path);
    }
}
