namespace StudioVault.Web.Ui;

/// <summary>What happened to a value that is shown beside others.</summary>
public enum ProseChange
{
    Same,
    Inserted,
    Deleted,
}
