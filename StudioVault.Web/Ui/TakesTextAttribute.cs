namespace StudioVault.Web.Ui;

/// <summary>A dialog people type into: a stray tap beside it does not throw the text away.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TakesTextAttribute : Attribute;
