namespace StudioVault.Infrastructure.Persistence;

/// <summary>The private PostgreSQL cannot run here. Written for whoever starts the program: what is wrong and what to do.</summary>
public sealed class EmbeddedPostgresException(string sentence, string nextStep, Exception? inner = null)
    : Exception($"{sentence} {nextStep}", inner)
{
    /// <summary>What is wrong, one sentence.</summary>
    public string Sentence { get; } = sentence;

    /// <summary>What the reader can do now.</summary>
    public string NextStep { get; } = nextStep;
}
