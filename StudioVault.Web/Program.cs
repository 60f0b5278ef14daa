using StudioVault.Web.Verbs;

return await VaultVerbs.RunAsync(args);

/// <summary>Public for the tests that start the whole application.</summary>
public partial class Program;
