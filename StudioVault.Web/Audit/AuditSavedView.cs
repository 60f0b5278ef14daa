namespace StudioVault.Web.Audit;

/// <summary>A filter somebody gave a name.</summary>
/// <param name="Href">Its address.</param>
public sealed record AuditSavedView(string Name, string Href);
