using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace StudioVault.Tests.Support;

/// <summary>
/// bUnit asks for AngleSharp.Diffing 1.x, the package source has 0.17, which serves as well. A resolving handler may
/// return the lower version. Remove together with the copy step in the project file once 1.x is to be had.
/// </summary>
internal static class DiffingShim
{
    [ModuleInitializer]
    internal static void Install() => AssemblyLoadContext.Default.Resolving += (context, name) =>
        name.Name == "AngleSharp.Diffing"
            ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "diffing", "AngleSharp.Diffing.dll"))
            : null;
}
