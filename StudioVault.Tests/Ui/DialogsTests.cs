using System.Reflection;
using Microsoft.AspNetCore.Components;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class DialogsTests
{
    [Fact]
    public void A_dialog_people_type_into_is_not_closed_by_a_tap_beside_it()
    {
        Type[] named = [.. typeof(ReasonDialog).Assembly.GetTypes().Where(t => t.Name.EndsWith("Dialog", StringComparison.Ordinal) && t.IsAssignableTo(typeof(ComponentBase)))];
        var reasons = named.Where(t => t.GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Any(f => f.Name == "_reason")).ToArray();

        Assert.NotEmpty(reasons);
        Assert.All(reasons, t => Assert.True(t.IsDefined(typeof(TakesTextAttribute), false), t.Name));
    }
}
