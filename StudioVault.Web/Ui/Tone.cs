namespace StudioVault.Web.Ui;

/// <summary>What a colour means. A tone never stands alone: the words beside it say the same.</summary>
public enum Tone
{
    /// <summary>No meaning: a plain fact.</summary>
    Neutral,

    /// <summary>HQ changed it, or it is the accent.</summary>
    Hq,

    /// <summary>The branch changed it.</summary>
    You,

    /// <summary>Both changed it, or somebody has to look: a choice is needed.</summary>
    Conflict,

    /// <summary>Added, healthy, safe.</summary>
    Added,

    /// <summary>Removed, failed, dangerous.</summary>
    Removed,
}

/// <summary>Tones as they stand in class names.</summary>
public static class ToneNames
{
    /// <summary>The modifier used by <c>tone-…</c> classes.</summary>
    public static string Css(this Tone tone) => tone switch
    {
        Tone.Hq => "tone-hq",
        Tone.You => "tone-you",
        Tone.Conflict => "tone-conflict",
        Tone.Added => "tone-added",
        Tone.Removed => "tone-removed",
        _ => "tone-neutral",
    };
}
