namespace StudioVault.Web.Documents.Agreements;

/// <summary>A withdrawal as it arrived (Directive 2023/2673, Article 11a).</summary>
/// <param name="Mark">Of the agreement withdrawn from; its hash is that agreement's.</param>
/// <param name="Reference">Number of the receipt.</param>
/// <param name="Title">What the agreement is about.</param>
/// <param name="StudioAddress">Postal address and e-mail, a line each.</param>
/// <param name="Client">Who withdraws.</param>
/// <param name="Statement">What was declared, word for word.</param>
/// <param name="AnsweredTo">Where the receipt went, masked.</param>
/// <param name="ConcludedAt">When the agreement was signed.</param>
/// <param name="OpenUntil">Last day on which withdrawal is open; null where it is not limited or not open.</param>
/// <param name="ReceivedAt">The confirmation, by the clock of the database.</param>
/// <param name="StatementSha256">Of the declaration as it is recorded.</param>
public sealed record WithdrawalReceipt(PaperMark Mark, string Reference, string Title, string TimeZone, IReadOnlyList<string> StudioAddress, string Client, string Statement, string AnsweredTo,
    DateTimeOffset ConcludedAt, DateOnly? OpenUntil, DateTimeOffset ReceivedAt, string StatementSha256);
