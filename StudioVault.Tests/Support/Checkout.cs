namespace StudioVault.Tests.Support;

/// <summary>The checkout these tests were built in, for tests about the repository's own files.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    public static string File(string relative) => System.IO.File.ReadAllText(Path.Combine(Root, relative));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "StudioVault.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("These tests must run from inside a checkout.");
    }
}
