namespace StudioVault.Web.Hosting;

/// <summary>May also come from a file, named by the same key with <c>:File</c> or <c>_FILE</c> behind it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;

/// <summary>Must be a connection string Npgsql can read, with a host and a database.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConnectionStringAttribute : Attribute;

/// <summary>Must name a file that is there, or a folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ExistingAttribute : Attribute
{
    public bool Folder { get; init; }
}

/// <summary>Bounds of a duration or a number, both allowed, written as in the configuration.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BetweenAttribute(string least, string most) : Attribute
{
    public string Least { get; } = least;
    public string Most { get; } = most;
}

/// <summary>Must be an e-mail address, with or without a name before it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SenderAttribute : Attribute;
