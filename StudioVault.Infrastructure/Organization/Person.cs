using Microsoft.AspNetCore.Identity;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A person of the group who signs in; the account of ASP.NET Core Identity.</summary>
public sealed class Person : IdentityUser<Guid>
{
    public Person() => Id = Guid.CreateVersion7();

    /// <summary>Name as colleagues read it.</summary>
    public string Name { get; set; } = "";

    /// <summary>What they do, for example "Branch manager, Porto". Shown, never decided on.</summary>
    public string Title { get; set; } = "";

    /// <summary>Set by HQ when somebody leaves: the next command is refused, open sessions end within a minute.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>Offered as a one-click sign-in while demo mode is on; always false for real people.</summary>
    public bool IsDemo { get; set; }

    /// <summary>The human behind the account, when HQ says that two accounts are one; null = only this one. See <see cref="Human"/>.</summary>
    public HumanId? HumanId { get; internal set; }

    /// <summary>Who counts for four eyes.</summary>
    public HumanId Human => HumanId ?? new HumanId(Id);

    public PersonId PersonId => new(Id);
}
