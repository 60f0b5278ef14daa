namespace StudioVault.Infrastructure.Organization;

/// <summary>Whether this is the demo: one-click sign-in and the DEMO ribbon.</summary>
public sealed record DemoMode(bool Enabled);
