using System.Diagnostics;
using OpenTelemetry;

namespace StudioVault.Web.Hosting;

/// <summary>Takes secrets out of spans as <see cref="LogScrubber"/> does out of logs: a client's link is in the address of their page.</summary>
internal sealed class SpanScrubber : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        data.DisplayName = LogScrubber.CleanText(data.DisplayName);
        foreach (var (name, value) in data.TagObjects.ToList())
            if (value is string text && LogScrubber.CleanText(text) is var clean && clean != text)
                data.SetTag(name, clean);
    }
}
