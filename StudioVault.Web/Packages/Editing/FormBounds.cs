namespace StudioVault.Web.Packages.Editing;

/// <summary>How a field can be bounded.</summary>
public enum FormBounds
{
    /// <summary>It cannot: text, lists, choices.</summary>
    None,

    /// <summary>By lowest and highest value.</summary>
    Absolute,

    /// <summary>By deviation from HQ's price in the branch's currency.</summary>
    Percent,
}
