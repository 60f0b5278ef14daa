namespace StudioVault.Web.Ui;

/// <summary>What happened to a stretch of words.</summary>
public enum ProseChange
{
    Same,
    Inserted,
    Deleted,
}

/// <summary>A stretch of words with one fate.</summary>
/// <param name="Change">Kept, added or taken out.</param>
/// <param name="Text">The words with their spaces and line breaks.</param>
public sealed record ProseSegment(ProseChange Change, string Text);
