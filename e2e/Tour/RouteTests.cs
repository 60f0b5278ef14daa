using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Tour;

public sealed class RouteTests
{
    [Fact]
    public void Every_page_of_the_product_is_in_the_list()
    {
        var routes = Routes().Where(r => !r.StartsWith("/dev/", StringComparison.Ordinal)).ToHashSet();
        Assert.Contains("/login", routes);
        // What an endpoint answers in place of a file, and the reference of the API, are pages without a route of their own.
        Assert.Equal(routes.Order(), Pages.All.Select(p => p.Route).Where(r => !r.EndsWith(".pdf", StringComparison.Ordinal) && !r.StartsWith("/docs/", StringComparison.Ordinal)).Distinct().Order());
    }

    [Fact]
    public void Every_entry_of_the_list_has_a_name_of_its_own() => Assert.Equal(Pages.All.Count, Pages.All.DistinctBy(p => p.Name).Count());

    /// <summary>Reads the routes out of the program's file: running it here would need all it depends on.</summary>
    private static IEnumerable<string> Routes()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(RunningVault.Folder(), "StudioVault.Web.dll")));
        var web = file.GetMetadataReader();
        foreach (var handle in web.CustomAttributes)
        {
            var attribute = web.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
            var constructor = web.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
            if (constructor.Parent.Kind != HandleKind.TypeReference) continue;
            var type = web.GetTypeReference((TypeReferenceHandle)constructor.Parent);
            if (web.GetString(type.Name) != "RouteAttribute" || web.GetString(type.Namespace) != "Microsoft.AspNetCore.Components") continue;
            var arguments = web.GetBlobReader(attribute.Value);
            arguments.ReadUInt16();
            yield return arguments.ReadSerializedString()!;
        }
    }
}
