namespace StudioVault.Infrastructure.Organization;

/// <summary>One key of the ring that protects cookies and forms, shared by all web processes. Never deleted.</summary>
public sealed class DataProtectionKey
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The key's own name in the ring.</summary>
    public string Name { get; init; } = "";

    /// <summary>The key as XML; its secret part is encrypted with the group's key file.</summary>
    public string Xml { get; init; } = "";
}
