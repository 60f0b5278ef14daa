namespace StudioVault.Infrastructure.Documents;

/// <summary>Chromium ended, or did not do what it was asked.</summary>
internal sealed class ChromiumException(string message, Exception? inner = null) : Exception(message, inner);
