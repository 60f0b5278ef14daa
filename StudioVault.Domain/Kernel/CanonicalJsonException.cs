namespace StudioVault.Domain.Kernel;

/// <summary>The input is not JSON that has a canonical form; the message says why in plain words.</summary>
public sealed class CanonicalJsonException : FormatException
{
    public CanonicalJsonException() : this("The input has no canonical JSON form.") { }
    public CanonicalJsonException(string message) : base(message) { }
    public CanonicalJsonException(string message, Exception innerException) : base(message, innerException) { }
}
