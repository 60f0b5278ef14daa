using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace StudioVault.Web.Documents;

/// <summary>
/// Renders a document component, or a client's page of one, to a whole HTML page. Always in the invariant culture: the words and
/// numbers of a document may depend neither on the server it is made on nor on who downloads it.
/// </summary>
public sealed class DocumentRenderer(ILoggerFactory logs) : IDisposable
{
    // Nothing to inject: a document is made of its parameters and cannot read anything else.
    private readonly ServiceProvider _nothing = new ServiceCollection().BuildServiceProvider();

    /// <summary>The HTML of a document.</summary>
    /// <typeparam name="T">A component that draws a whole page, as <see cref="PrintSheet"/> does; it injects nothing.</typeparam>
    /// <param name="parameters">By parameter name.</param>
    public async Task<string> RenderAsync<T>(Dictionary<string, object?> parameters) where T : IComponent
    {
        await using var renderer = new HtmlRenderer(_nothing, logs);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
            var output = await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters));
            return output.ToHtmlString();
        });
    }

    public void Dispose() => _nothing.Dispose();
}
