using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;

namespace StudioVault.Infrastructure.Audit;

/// <summary>A stretch of a sentence: plain words, or the place where the thing it is about is named.</summary>
public readonly record struct AuditWords(string Text, bool IsThing);

/// <summary>What a verb of the audit log reads like after a name: "Helena <c>published Wedding Classic version 5</c>".</summary>
/// <param name="Action">The verb, <c>area.verb</c>.</param>
/// <param name="Heading">The verb as a choice in a list: "Publish a version".</param>
/// <param name="Done">Pattern for what was done, from the payload.</param>
/// <param name="Tried">Pattern for what was refused; a refusal has no payload.</param>
public sealed record AuditSentence(string Action, string Heading, Func<JsonObject?, string> Done, string Tried)
{
    public AuditSentence(string action, string heading, string done, string tried) : this(action, heading, _ => done, tried) { }
}

/// <summary>
/// The catalogue of plain sentences, one per verb; a test asks for one for every verb the product sends. In a pattern
/// <c>{thing}</c> stands for the object, <c>{key}</c> for a value of the payload, <c>{key:date}</c> for a day in it, and a
/// part in square brackets is left out when a value in it is missing.
/// </summary>
public static class AuditSentences
{
    private static readonly AuditSentence[] Catalogue =
    [
        new("template.create", "Begin a template", "began the template {thing}", "tried to begin a template"),
        new("template.open_draft", "Begin a draft", "began a draft of {thing}", "tried to open the draft of {thing}"),
        new("template.publish", "Publish a version", "published {thing}[ version {version}]", "tried to publish {thing}"),
        new("template.open_wave", "Offer to more branches", "offered {thing}[ version {version}] to more branches", "tried to offer {thing} to more branches"),
        new("template.yank", "Call a version back", "called back {thing}[ version {version}]", "tried to call back a version of {thing}"),

        new("offer.view", "Open an update", "opened the update {thing}", "tried to open the update {thing}"),
        new("offer.snooze", "Snooze an update", p => Scalar(p, "until") == "next version" ? "snoozed {thing} until the next version" : "snoozed {thing}[ until {until:date}]", "tried to snooze {thing}"),
        new("offer.wake", "Bring an update back", "brought {thing} back from snooze", "tried to bring {thing} back from snooze"),
        new("offer.keep_after_yank", "Keep what HQ called back", "kept {thing} after HQ called it back", "tried to keep {thing} after HQ called it back"),
        new("package.accept", "Accept an update", p => (Scalar(p, "verdict") == DecisionVerdict.PartlyAccepted ? "accepted part of {thing}" : "accepted {thing}")
            + (p?["ownReplaced"] is JsonArray { Count: var own } ? own == 1 ? ", where HQ's lock replaced a value of the branch's own" : $", where HQ's locks replaced {own} values of the branch's own" : "")
            + (p?["settledRecalls"] is JsonArray { Count: > 0 } recalls ? $", which settles what HQ called back: version {string.Join(", ", recalls.Select(r => r?.ToString()))}" : ""), "tried to accept {thing}"),
        new("package.ignore", "Ignore an update", "ignored {thing}", "tried to ignore {thing}"),
        new("package.undo_decision", "Undo a decision on an update", "took back the decision on {thing}", "tried to take back the decision on {thing}"),
        new("package.edit", "Edit a package", "edited {thing}[, now revision {revision}]", "tried to edit {thing}"),
        new("package.revert", "Go back to a revision", "took {thing} back[ to revision {backTo}]", "tried to take {thing} back to an earlier revision"),

        new("quote.create", "Make a quote", "made a quote", "tried to make a quote"),
        new("quote.lapse", "Let a quote lapse", "let the quote for {thing} lapse", "tried to let the quote for {thing} lapse"),
        new("project.enquire", "Note an enquiry", "noted an enquiry", "tried to note an enquiry"),
        new("project.quote", "Quote an enquiry", "made {thing}'s enquiry a quote", "tried to quote the enquiry of {thing}"),
        new("project.plan", "Plan day and place", "set day and place of {thing}", "tried to set day and place of {thing}"),
        new("project.shoot", "Mark as shot", "marked {thing} as shot", "tried to mark {thing} as shot"),
        new("project.deliver", "Mark as delivered", "marked {thing} as delivered", "tried to mark {thing} as delivered"),
        new("project.close", "Close a project", "closed {thing}", "tried to close {thing}"),
        new("project.cancel", "Cancel a project", "cancelled {thing}", "tried to cancel {thing}"),
        new("invoice.pay", "Record a payment", "recorded that {number} is paid", "tried to record a payment"),
        new("invoice.unpay", "Take a payment back", "took back that {number} is paid", "tried to take a payment back"),
        new("invoice.void", "Void an invoice", "voided {number}", "tried to void an invoice"),
        new("project.book", "Book a project", "booked the project of {thing}", "tried to book the project of {thing}"),

        new("proposal.submit", "Propose", p => p?["superseded"] is JsonArray left ? $"proposed {{thing}}, and ended {left.Count} of its earlier start" : "proposed {thing}", "tried to propose"),
        new("proposal.edit", "Edit a proposal", p => Scalar(p, "decoy") == "true" ? "corrected a test, well caught: {flaw}" : "made another proposal of {thing}", "tried to edit a proposal"),
        new("proposal.recompute", "Recompute a proposal", "recomputed {thing}", "tried to recompute a proposal"),
        new("proposal.roll_back", "Propose a rollback", "proposed to take {thing} back", "tried to propose a rollback"),
        new("proposal.withdraw", "Withdraw a proposal", "withdrew {thing}", "tried to withdraw a proposal"),
        new("proposal.claim", "Begin deciding", "began to decide on {thing}", "tried to begin deciding"),
        new("proposal.take_over", "Take over deciding", "took {thing} over", "tried to take a proposal over"),
        new("proposal.release", "Stop deciding", "{thing} was free to be decided again", "tried to give a proposal back"),
        new("proposal.approve", "Approve", p => Scalar(p, "decoy") == "true" ? "approved a test, and nothing was done: {flaw}" : "approved {thing}", "tried to approve {thing}"),
        new("proposal.reject", "Reject", p => Scalar(p, "decoy") == "true" ? "rejected a test, well caught: {flaw}" : "rejected {thing}", "tried to reject {thing}"),
        new("decoy.plant", "Plant a test proposal", "planted a test proposal: {flaw}", "tried to plant a test proposal"),
        new("decoy.end", "End a test proposal", "ended a test proposal[: {why}]", "tried to end a test proposal"),
        new("decoy.switch", "Switch test proposals", p => Scalar(p, "on") == "true" ? "switched test proposals on" : "switched test proposals off", "tried to switch test proposals"),
        new("proposal.undo", "Take back before it runs", "took {thing} back before it ran", "tried to take a proposal back before it ran"),
        new("proposal.return", "Send back for another approval", "sent {thing} back for another approval[: {why}]", "tried to send a proposal back"),
        new("proposal.review", "Send to human review", p => Scalar(p, "decoy") == "true" ? "sent a test to human review, well caught: {flaw}" : "sent {thing} to human review", "tried to send a proposal to review"),
        new("proposal.look_at", "Look at an own approval", "looked at {thing}, which its own proposer had approved", "tried to look at a proposal afterwards"),
        new("proposal.export", "Export the approval history", p => Scalar(p, "filtered") == "true" ? "exported a part of the approval history" : "exported the approval history", "tried to export the approval history"),
        new("proposal.resolve", "Resolve an unknown outcome", p => Scalar(p, "happened") == "true" ? "found that {thing} happened" : "found that {thing} did not happen", "tried to resolve an outcome"),
        new("proposal.intent", "Begin to carry out", p => Scalar(p, "after") switch { "Expired" => "let {thing} expire", "Killed" => "stopped {thing}", _ => "began to carry out {thing}" }, "tried to begin carrying out a proposal"),
        new("proposal.execute", "Carry out", "carried out {thing}", "tried to carry out {thing}"),
        new("proposal.end", "End without effect", "ended {thing} without effect[, {code}]", "tried to end a proposal"),
        new("proposal.recover", "Take up after a crash", p => Scalar(p, "after") == "UnknownOutcome" ? "could not tell whether {thing} happened" : "took {thing} up again", "tried to take a proposal up again"),
        new("proposal.lose_track", "Lose track of an outcome", "could not tell whether {thing} happened", "tried to say that an outcome is not known"),
        new("proposal.supersede", "End what an earlier start left", "ended {thing}: its agent had started anew", "tried to end what an agent's earlier start had left"),
        new("proposal.expire", "Let a proposal expire", "let {thing} expire", "tried to let a proposal expire"),
        new("proposal.escalate", "Call managers", "called managers to {thing}", "tried to call managers"),
        new("proposal.raise", "Raise a proposal", "raised {thing}", "tried to raise a proposal"),
        new("proposal.kill", "Stop a proposal", "stopped {thing}", "tried to stop a proposal"),
        new("capability.register", "Register a capability", "registered {thing}", "tried to register a capability"),
        new("capability.card", "Change a card", "changed the card of {thing}[, now version {version}]", "tried to change the card of {thing}"),
        new("capability.enable", "Enable a capability", "enabled {thing}", "tried to enable {thing}"),
        new("capability.disable", "Disable a capability", "disabled {thing}", "tried to disable {thing}"),
        new("stop.throw", "Stop", p => Scalar(p, "key") is { Length: > 0 } ? "stopped {key}" : "stopped everything", "tried to stop {thing}"),
        new("stop.ask_lift", "Ask to lift a stop", "asked for a stop to be lifted", "tried to ask for a stop to be lifted"),
        new("stop.lift", "Lift a stop", "lifted a stop", "tried to lift a stop"),
        new("stop.keep", "Keep a stop", "kept a stop in force", "tried to keep a stop in force"),
        new("stop.drill", "Drill the stop", "drilled the stop", "tried to drill the stop"),
        new("stop.drill_result", "Note a drill", "noted the drill of the stop[, {stopMs} ms]", "tried to note a drill"),
        new("exemption.grant", "Grant an exemption", "exempted {capability} from approval", "tried to grant an exemption"),
        new("exemption.end", "End an exemption", "ended an exemption[ of {capability}]", "tried to end an exemption"),
        new("session.confirm", "Confirm who one is", "confirmed who they are", "failed to confirm who they are"),
        new("session.confirm_demo", "Confirm who one is (demo)", "confirmed who they are, as a demo person", "failed to confirm who they are"),

        new("project.clients", "Say who the clients are", "said who the clients of {thing} are", "tried to say who the clients of {thing} are"),
        new("client.correct_email", "Correct an address", "corrected the address of a client", "tried to correct the address of a client"),
        new("client.hold", "Hold a client's data", p => Scalar(p, "hold") == "true" ? "forbade erasing a client" : "allowed erasing a client again", "tried to change the hold on a client"),
        new("client.erase", "Erase a client", "erased a client and destroyed their key", "tried to erase a client"),

        new("agreement.begin", "Begin an agreement", "began the agreement {thing}", "tried to begin an agreement"),
        new("agreement.write", "Write on an agreement", "wrote on the draft of {thing}", "tried to write on {thing}"),
        new("agreement.amend", "Write an amendment", "wrote on an amendment of {thing}[, version {version}]", "tried to amend {thing}"),
        new("agreement.send", "Send for signing", "sent {thing}[ version {version}] for signing", "tried to send {thing} for signing"),
        new("agreement.recall", "Take a paper back", "took {thing}[ version {version}] back", "tried to take {thing} back"),
        new("agreement.give_up", "Give a paper up", "gave {thing}[ version {version}] up", "tried to give {thing} up"),
        new("agreement.remind", "Send the link again", "sent the link to {thing} again", "tried to send the link to {thing} again"),
        new("agreement.withdraw", "Withdraw from an agreement", "withdrew from {thing}", "tried to withdraw from {thing}"),
        new("agreement.receipt", "Make the receipt of a withdrawal", "made the receipt of the withdrawal from {thing}", "tried to make the receipt of a withdrawal"),
        new("release.ask", "Ask for an image release", "asked for an image release beside {thing}", "tried to ask for an image release beside {thing}"),
        new("release.give", "Decide an image release", "decided an image release beside {thing}", "tried to decide an image release beside {thing}"),
        new("release.take_back", "Take a permission back", "took a permission to use pictures back[: {purpose}]", "tried to take a permission to use pictures back"),
        new("release.document", "Make the document of an image release", "made the document of an image release beside {thing}", "tried to make the document of an image release"),
        new("agreement.view", "Open a paper to sign", "opened {thing}[ version {version}]", "tried to open {thing}"),
        new("agreement.send_code", "Ask for a code", "asked for a code to sign {thing}", "tried to get a code to sign {thing}"),
        new("agreement.sign", "Sign", p => p?["codeWrong"] is null ? "signed {thing}[ version {version}]" : "typed a wrong code for {thing}", "tried to sign {thing}"),
        new("agreement.execute", "Seal a paper", "sealed {thing}[ version {version}]", "tried to seal {thing}"),
        new("agreement.wait", "Wait with sealing", "has to wait with sealing {thing}[ version {version}]", "tried to note why {thing} waits"),
        new("delivery.open", "Make a delivery", "made a delivery for {thing}", "tried to make a delivery for {thing}"),
        new("delivery.add_file", "Add a file to a delivery", "added a file to a delivery for {thing}", "tried to add a file to a delivery for {thing}"),
        new("delivery.extend", "Keep a delivery online longer", "kept a delivery for {thing} online[ until {until}]", "tried to keep a delivery for {thing} online longer"),
        new("delivery.revoke", "Take a delivery offline", "took a delivery for {thing} offline", "tried to take a delivery for {thing} offline"),
        new("mail.send", "Send a mail", p => Scalar(p, "fate") == "Sent" ? "sent a mail" : "could not send a mail", "tried to send a mail"),
        new("mail.let_go", "Let a mail go", p => Scalar(p, "stopId") is { Length: > 0 } ? "kept a mail because of a stop" : "let a mail go after its hold", "tried to let a mail go"),
        new("session.assign", "Put somebody on a session", "put somebody on the session of {thing}[ as {task}]", "tried to put somebody on the session of {thing}"),
        new("session.unassign", "Take somebody off a session", "took somebody off the session of {thing}", "tried to take somebody off the session of {thing}"),
        new("seal_key.make", "Make a seal key", "made a key for sealing documents", "tried to make a key for sealing documents"),
        new("seal_key.rotate", "Retire the seal key", "retired the key for sealing documents", "tried to retire the key for sealing documents"),

        new("updates.pause", "Pause updates", p => Scalar(p, "until") is null ? "ended the pause of updates" : "paused all updates[ until {until:date}]", "tried to pause updates"),
        new("blackout.add", "Add a blackout", "added the blackout[ “{label}”]", "tried to add a blackout"),
        new("blackout.remove", "Remove a blackout", "removed the blackout[ “{label}”]", "tried to remove a blackout"),

        new("agent.create", "Register an agent", "registered the agent[ {name}]", "tried to register an agent"),
        new("agent.change", "Change an agent", "changed the agent[ {name}]", "tried to change an agent"),
        new("agent.disable", "Switch an agent off", "switched {thing} off", "tried to switch {thing} off"),
        new("agent.enable", "Switch an agent on", "switched {thing} on again", "tried to switch {thing} on"),
        new("agent_key.create", "Make an agent key", "made the key[ {key}] for {thing}", "tried to make a key for {thing}"),
        new("agent_key.rotate", "Replace an agent key", "replaced the key[ {key}] by[ {replacedBy}]", "tried to replace a key of an agent"),
        new("agent_key.revoke", "Revoke an agent key", "revoked the key[ {key}]", "tried to revoke a key of an agent"),
        new("agent_key.use", "Use a dead agent key", "used a key of an agent", "knocked with a key that opens nothing"),
        new("delegation.give", "Give a delegation", "gave a delegation[ for {capabilities}]", "tried to give a delegation"),
        new("delegation.revoke", "Revoke a delegation", "revoked a delegation", "tried to revoke a delegation"),
        new("person.add", "Make an account", "made the account of {thing}", "tried to make an account"),
        new("person.change", "Change an account", p => Scalar(p, "signedOut") == "true" ? "changed the rights of {thing} and signed them out" : "changed the account of {thing}", "tried to change the account of {thing}"),
        new("person.disable", "Switch an account off", "switched the account of {thing} off[: {reason}]", "tried to switch the account of {thing} off"),
        new("person.enable", "Switch an account on", "switched the account of {thing} on again[: {reason}]", "tried to switch the account of {thing} on"),
        new("person.sign_out_everywhere", "Sign somebody out everywhere", "signed {thing} out everywhere", "tried to sign {thing} out everywhere"),
        new("person.ask_password", "Ask for a link to choose a password", "asked for a link for {thing} to choose a password[: {reason}]", "tried to ask for a link to choose a password"),
        new("person.deny_password", "Say no to a link to choose a password", "said no to a link for {thing} to choose a password", "tried to say no to a link to choose a password"),
        new("person.offer_password", "Make a link to choose a password", "made a link for {thing} to choose a password", "tried to make a link to choose a password"),
        new("person.set_password", "Set a password on the server", "set the password of {thing} on the server", "tried to set the password of {thing} on the server"),
        new("person.choose_password", "Choose a password by a link", "chose a password by a link", "tried to choose a password by a link"),
        new("person.change_password", "Change one's password", "changed their password", "tried to change their password"),
        new("branch.open", "Open a branch", "opened the branch {thing}", "tried to open a branch"),
        new("branch.change", "Change a branch", "changed what is said about the branch {thing}", "tried to change the branch {thing}"),

        new("person.link", "Link two accounts", "said that two accounts are one person: {thing}", "tried to link two accounts"),
        new("person.unlink", "Unlink an account", "said that {thing} is a person of their own", "tried to unlink an account"),

        new("job.run_now", "Run a job now", "ran the job {thing}", "tried to run the job {thing}"),
        new("job.pause", "Pause a job", "paused the job {thing}", "tried to pause the job {thing}"),
        new("job.resume", "Resume a job", "resumed the job {thing}", "tried to resume the job {thing}"),

        new("audit.read", "Read the audit log", p => p?["entry"] is null ? "read the audit log" : "opened entry {index} of the audit log", "tried to read the audit log"),
        new("audit.verify", "Check entries", p => Scalar(p, "ok") == "false" ? "checked entries {from} to {to} and found something wrong" : "checked entries {from} to {to} of the audit log", "tried to check entries"),
        new("audit.prove", "Take a proof along", "took the proof of entry {index} along", "tried to take a proof along"),
        new("audit.export", "Export the audit log", "exported the audit log", "tried to export the audit log"),
        new("audit.alarm", "Alarm about the log's history", "raised the alarm: the log shows another history than was seen before[, {what}]", "tried to raise an alarm about the log"),
        new("settings.change", "Change the settings", p => Scalar(p, "first") == "true" ? "began to watch the settings of a node" : "found other settings on a node[: {keys}]", "tried to note other settings"),
        new("key.change", "Change a key", "found another key on a node[: {keys}]", "tried to note another key"),
        new("session_key.make", "Make a session key", "made a new key for sessions", "tried to make a key for sessions"),

        new("session.sign_in", "Sign in", "signed in", "tried to sign in"),
        new("session.sign_in_demo", "Sign in with one click", "signed in with one click", "tried to sign in with one click"),
        new("session.end_guessed", "End a session after wrong passwords", "was signed out after five wrong passwords", "tried to end a session after wrong passwords"),
        new("session.sign_out", "Sign out", "signed out", "tried to sign out"),
        new("demo.load", "Load the demo group", "loaded the demo group", "tried to load the demo group"),
        new("setup.organization", "Set up the group", "set up the group", "tried to set up the group"),
    ];

    private static readonly Dictionary<string, string> Nouns = new(StringComparer.Ordinal)
    {
        ["template"] = "a template",
        ["offer"] = "an update",
        ["package"] = "a package",
        ["project"] = "a client",
        ["agreement"] = "an agreement",
        ["client"] = "a client",
        ["seal_key"] = "a seal key",
        ["mail"] = "a mail",
        ["blackout"] = "a blackout",
        ["branch"] = "the branch",
        ["person"] = "an account",
        ["agent"] = "an agent",
        ["agent_key"] = "a key of an agent",
        ["delegation"] = "a delegation",
        ["job"] = "a job",
        ["log"] = "the audit log",
        ["settings"] = "the settings",
        ["session_key"] = "a session key",
        ["group"] = "the group",
    };

    public static IReadOnlyList<AuditSentence> All => Catalogue;

    /// <summary>The sentence of a verb, or null for a verb nobody wrote one for.</summary>
    public static AuditSentence? Find(string action) => Array.Find(Catalogue, s => s.Action == action);

    /// <summary>What stands for an object whose name is not known (any more).</summary>
    public static string Noun(string objectType) => Nouns.TryGetValue(objectType, out var noun) ? noun : objectType.Replace('_', ' ');

    /// <summary>The sentence after the name of whoever acted; an unknown verb comes out as it is, followed by the thing.</summary>
    public static IReadOnlyList<AuditWords> Say(string action, bool refused, JsonObject? payload, CultureInfo culture)
    {
        if (Find(action) is { } sentence) return Fill(refused ? sentence.Tried : sentence.Done(payload), payload, culture);
        return refused ? [new($"tried {action} on ", false), new("", true)] : [new($"{action} on ", false), new("", true)];
    }

    /// <summary>Verbs whose name or sentence holds the word.</summary>
    internal static IEnumerable<string> ActionsWith(string word) =>
        from s in Catalogue
        where s.Action.Contains(word, StringComparison.OrdinalIgnoreCase) || s.Heading.Contains(word, StringComparison.OrdinalIgnoreCase)
            || Plain(s.Done(null)).Contains(word, StringComparison.OrdinalIgnoreCase)
        select s.Action;

    private static List<AuditWords> Fill(string pattern, JsonObject? payload, CultureInfo culture)
    {
        var words = new List<AuditWords>();
        for (var at = 0; at < pattern.Length;)
        {
            var next = pattern.IndexOfAny(['{', '['], at);
            if (next != at) words.Add(new(pattern[at..(next < 0 ? pattern.Length : next)], false));
            if (next < 0) break;
            var end = pattern.IndexOf(pattern[next] == '{' ? '}' : ']', next);
            var inside = pattern[(next + 1)..end];
            if (pattern[next] == '{') words.Add(inside == "thing" ? new("", true) : new(Value(payload, inside, culture) ?? "", false));
            else if (Optional(inside, payload, culture) is { } text) words.Add(new(text, false));
            at = end + 1;
        }

        return words;
    }

    /// <summary>The part in brackets, or null when a value is missing.</summary>
    private static string? Optional(string pattern, JsonObject? payload, CultureInfo culture)
    {
        var (open, close) = (pattern.IndexOf('{', StringComparison.Ordinal), pattern.IndexOf('}', StringComparison.Ordinal));
        return Value(payload, pattern[(open + 1)..close], culture) is { } value ? pattern[..open] + value + pattern[(close + 1)..] : null;
    }

    private static string? Value(JsonObject? payload, string key, CultureInfo culture)
    {
        if (!key.EndsWith(":date", StringComparison.Ordinal)) return Scalar(payload, key);
        return Scalar(payload, key[..^5]) is { } text && DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day.ToString("d MMM yyyy", culture) : null;
    }

    /// <summary>A scalar of the payload as text; of a before/after pair the new value.</summary>
    private static string? Scalar(JsonObject? payload, string key) => payload?[key] switch
    {
        JsonObject pair => Text(pair["after"]),
        var other => Text(other),
    };

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.ToString() : null;

    private static string Plain(string pattern) => pattern.Replace("{thing}", "", StringComparison.Ordinal).Replace("[", "", StringComparison.Ordinal);
}
