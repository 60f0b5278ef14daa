using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Refusals about accounts: who gets one, what they may do, how they get in.</summary>
public static class PeopleRefusals
{
    public static readonly RefusalKind NameMissing = new("refuse.organization.person_name_missing",
        "An account needs the name colleagues know its person by.",
        "Write the name.", 400);

    public static readonly RefusalKind MailMalformed = new("refuse.organization.mail_malformed",
        "This is not an e-mail address one could write to.",
        "Write one like name@example.org.", 400);

    public static readonly RefusalKind MailTaken = new("refuse.organization.mail_taken",
        "There is an account with this e-mail address already.",
        "Open that account, or choose another address.");

    public static readonly RefusalKind MailUnknown = new("refuse.organization.mail_unknown",
        "There is no account with this e-mail address.",
        "Check the address.", 404);

    public static readonly RefusalKind RoleMissing = new("refuse.organization.role_missing",
        "An account without a role could sign in and see nothing.",
        "Choose headquarters, or a role in at least one branch. Switch the account off when somebody leaves.", 400);

    public static readonly RefusalKind RolesMixed = new("refuse.organization.roles_mixed",
        "Headquarters decides nothing inside a branch, so one account cannot be both.",
        "Choose headquarters or branches. Somebody who is both has two accounts that are linked.", 400);

    public static readonly RefusalKind BranchUnknown = new("refuse.organization.branch_unknown",
        "One of these branches does not exist.",
        "Reload the page and choose again.", 400);

    public static readonly RefusalKind OwnAccount = new("refuse.organization.own_account",
        "This is your own account, and you would lock yourself out.",
        "Ask another administrator of headquarters to do it.");

    public static readonly RefusalKind LastAdmin = new("refuse.organization.last_admin",
        "Nobody else of headquarters could sign in after this.",
        "Add another administrator first, and let them choose their password.");

    public static readonly RefusalKind AccountOff = new("refuse.organization.account_off",
        "This account is switched off.",
        "Switch it on first.");

    public static readonly RefusalKind LinkDead = new("refuse.organization.password_link_dead",
        "This link was used, was replaced by a newer one, or is too old.",
        "Ask headquarters for another.", 410);

    public static readonly RefusalKind OwnLink = new("refuse.organization.own_link",
        "This is your own account, and nobody makes a password link for themselves.",
        "Change your password under Your account; when you have forgotten it, ask another administrator of headquarters.", 403);

    public static readonly RefusalKind LinkAsked = new("refuse.organization.link_asked",
        "{0} asked for a password link for this account already.",
        "Make the link as the second person, or say no.");

    public static readonly RefusalKind LinkNotAsked = new("refuse.organization.link_not_asked",
        "A password link for an account of headquarters takes two different people, and nobody who counts asked for this one within the last day.",
        "Ask for it with a reason; another administrator of headquarters then makes it.");

    public static readonly RefusalKind LinkSecondPerson = new("refuse.organization.link_second_person",
        "A password link for an account of headquarters takes two different people, and {0} was the first.",
        "Ask another administrator of headquarters to make it.", 403);

    public static readonly RefusalKind LinkNobodyElse = new("refuse.organization.link_nobody_else",
        "A password link for an account of headquarters takes two different people, and nobody else of headquarters can sign in.",
        "Whoever runs the server adds another administrator with people add-admin, or sets the password with people set-password.");

    public static readonly RefusalKind LinkNeedsNoAsk = new("refuse.organization.link_needs_no_ask",
        "This account is not of headquarters, so its password link takes one person.",
        "Make the link.");

    public static readonly RefusalKind PasswordWrong = new("refuse.organization.password_wrong",
        "The password you have now is another one.",
        "Try again; after five wrong tries this session ends, and you sign in anew.", 400);

    public static readonly RefusalKind PasswordsDiffer = new("refuse.organization.passwords_differ",
        "The two new passwords are not the same.",
        "Type the new one twice.", 400);
}
