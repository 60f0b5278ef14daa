using System.Reflection;
using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Kernel;

public sealed partial class RefusalCatalogueTests
{
    [Fact]
    public void Every_code_stands_once_and_has_the_agreed_shape()
    {
        Assert.NotEmpty(RefusalCatalogue.All);
        Assert.Empty(RefusalCatalogue.All.GroupBy(k => k.Code).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.All(RefusalCatalogue.All, k => Assert.Matches(Shape(), k.Code));
    }

    [Fact]
    public void Every_refusal_has_a_sentence_and_a_next_step() => Assert.All(RefusalCatalogue.All, k =>
    {
        Assert.EndsWith(".", k.NextStep, StringComparison.Ordinal);
        Assert.True(k.Sentence.EndsWith('.') || k.Sentence.EndsWith('}'), k.Code);
        Assert.InRange(k.HttpStatus, 400, 599);
    });

    /// <summary>A kind made anywhere else is in no list: not in the reference, not in the audit page's explanations, not in the tests here.</summary>
    [Fact]
    public void No_kind_of_refusal_is_made_outside_the_catalogue()
    {
        Assembly[] ours = [typeof(RefusalKind).Assembly, typeof(WriteDoor).Assembly, typeof(VaultSettings).Assembly];
        var makers = ours.SelectMany(CallGraph.MethodsOf)
            .Where(m => m.DeclaringType != typeof(RefusalKind) && CallGraph.Calls(m).Any(c => c.DeclaringType == typeof(RefusalKind) && (c.IsConstructor || c.Name == "<Clone>$")))
            .Select(m => (Home: CallGraph.Home(m), m.Name)).Distinct().ToList();
        Assert.True(makers.Count > 20, $"only {makers.Count} makers were found");
        var elsewhere = makers.Where(m => m.Home.Assembly != typeof(RefusalKind).Assembly || !m.Home.Name.EndsWith("Refusals", StringComparison.Ordinal) || m.Name != ".cctor").Select(m => $"{m.Home.FullName}{m.Name}").ToList();
        Assert.True(elsewhere.Count == 0, $"Made outside the catalogue: {string.Join(", ", elsewhere)}");
        // What the catalogue's classes make stands in it: nothing of it is private.
        var made = makers.Select(m => m.Home).Distinct().SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)).Where(f => f.FieldType == typeof(RefusalKind)).Select(f => (RefusalKind)f.GetValue(null)!);
        Assert.Empty(made.Except(RefusalCatalogue.All));
    }

    /// <summary>
    /// Programs match on codes and audit entries keep them, so none is ever renamed or taken away. UPDATE_CODES=1 adds new ones to the
    /// list; nothing takes one off but a person who has thought about whom it breaks.
    /// </summary>
    [Fact]
    public void Every_code_is_on_the_list_of_codes_and_none_has_left_it()
    {
        const string file = "StudioVault.Tests/Data/refusal-codes.txt";
        var listed = Checkout.File(file).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var codes = RefusalCatalogue.All.Select(k => k.Code).ToList();
        if (Environment.GetEnvironmentVariable("UPDATE_CODES") == "1")
        {
            listed = [.. listed.Union(codes).Order(StringComparer.Ordinal)];
            File.WriteAllLines(Path.Combine(Checkout.Root, file), listed);
        }

        var (gone, added) = (listed.Except(codes).ToList(), codes.Except(listed).ToList());
        Assert.True(gone.Count == 0, $"A code is a public contract, and these are gone or have another name: {string.Join(", ", gone)}");
        Assert.True(added.Count == 0, $"New, write them into {file} with UPDATE_CODES=1: {string.Join(", ", added)}");
    }

    // unknown_top_level_field is frozen under that name by seed 003.
    [GeneratedRegex("^(refuse(\\.[a-z][a-z_]*){2}|unknown_top_level_field)$")]
    private static partial Regex Shape();
}
