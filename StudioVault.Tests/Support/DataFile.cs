namespace StudioVault.Tests.Support;

/// <summary>Files under <c>StudioVault.Tests/Data</c>, as the build copies them beside the tests.</summary>
public static class DataFile
{
    public static string PathOf(string relative) => Path.Combine(AppContext.BaseDirectory, "Data", relative);
}
