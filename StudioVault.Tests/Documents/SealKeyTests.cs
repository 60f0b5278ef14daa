using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StudioVault.Infrastructure.Documents.Sealing;
using Xunit;

namespace StudioVault.Tests.Documents;

public sealed class SealKeyTests
{
    [Fact]
    public void The_certificate_names_the_group_vouches_for_nothing_else_and_outlasts_every_reason_to_look_at_a_document()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(SealedPaper.Key.Certificate.Span);
        Assert.Contains("O=Northlight Studios", certificate.Subject, StringComparison.Ordinal);
        Assert.False(certificate.HasPrivateKey);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal((SealedPaper.At.AddYears(-1), SealedPaper.At.AddYears(-1 + SealKey.Years)), SealedPaper.Key.Life);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(SealedPaper.Key.Certificate.Span)), SealedPaper.Key.Fingerprint);
    }

    [Fact]
    public void A_new_key_is_another_key_with_a_certificate_as_long_as_the_old_one()
    {
        Assert.NotEqual(SealedPaper.Key.Fingerprint, SealedPaper.OtherKey.Fingerprint);
        Assert.Equal(SealedPaper.Key.Certificate.Length, SealedPaper.OtherKey.Certificate.Length);
    }

    [Fact]
    public void A_private_key_does_not_go_with_another_certificate() =>
        Assert.ThrowsAny<CryptographicException>(() => SealKey.Load(SealedPaper.Key.Certificate.Span, SealedPaper.OtherKey.PrivateKey()));
}
