using System.Text;
using StudioVault.Infrastructure.Documents;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>The names of table cells in a printed file.</summary>
public sealed class PdfIdsTests
{
    [Fact]
    public void Cells_are_counted_within_the_document_in_their_own_order_wherever_they_are_named() =>
        Assert.Equal("/ID (node00000001) /ID (node00000003) /Headers [(node00000001)] /Limits [(node00000001) (node00000003)] /ID (node00000002)",
            Renumbered("/ID (node00000028) /ID (node00000042) /Headers [(node00000028)] /Limits [(node00000028) (node00000042)] /ID (node00000031)"));

    [Theory]
    [InlineData("(node0000002x) (node000000281) (node28)")]
    [InlineData(@"/Alt (see \(node00000028\)) (node00000028")]
    [InlineData("no cells (nod")]
    public void Anything_else_stays_as_it_is(string text) => Assert.Equal(text, Renumbered(text));

    private static string Renumbered(string text)
    {
        var pdf = Encoding.ASCII.GetBytes(text);
        PdfIds.Renumber(pdf);
        return Encoding.ASCII.GetString(pdf);
    }
}
