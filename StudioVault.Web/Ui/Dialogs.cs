using Microsoft.AspNetCore.Components;
using Radzen;

namespace StudioVault.Web.Ui;

/// <summary>
/// Dialogs with our defaults: focus goes in, Escape and the veil close (the veil not where text is typed), the way out is a word. Use one only for what
/// cannot be undone; an own address is better for anything longer.
/// </summary>
/// <param name="dialogs">Radzen's service, reached only here so that another library could take its place.</param>
public sealed class Dialogs(DialogService dialogs)
{
    /// <summary>Asks before something that cannot be undone. True when the person chose <paramref name="verb"/>.</summary>
    /// <param name="title">A question: "Yank version 5?".</param>
    /// <param name="consequence">What happens then, in one or two sentences.</param>
    /// <param name="verb">The consequence as a verb: "Yank version 5".</param>
    /// <param name="dangerous">Draws the verb in the colour of removal.</param>
    public async Task<bool> ConfirmAsync(string title, string consequence, string verb, bool dangerous = false) =>
        await OpenAsync<ConfirmDialog>(title, new()
        {
            [nameof(ConfirmDialog.Consequence)] = consequence,
            [nameof(ConfirmDialog.Verb)] = verb,
            [nameof(ConfirmDialog.Dangerous)] = dangerous,
        }) is true;

    /// <summary>Asks why before something that is kept with its reason. Null when the person chose to leave it.</summary>
    /// <param name="suggestions">Ready-made reasons, at most five.</param>
    /// <param name="words">What stands in the field already.</param>
    /// <inheritdoc cref="ConfirmAsync"/>
    public async Task<string?> AskReasonAsync(string title, string consequence, string verb, IReadOnlyList<string> suggestions, bool dangerous = false, string words = "") =>
        await OpenAsync<ReasonDialog>(title, new()
        {
            [nameof(ReasonDialog.Consequence)] = consequence,
            [nameof(ReasonDialog.Verb)] = verb,
            [nameof(ReasonDialog.Suggestions)] = suggestions,
            [nameof(ReasonDialog.Dangerous)] = dangerous,
            [nameof(ReasonDialog.Title)] = title,
            [nameof(ReasonDialog.Words)] = words,
        }) as string;

    /// <summary>Opens any component as a dialog; the answer is what the component closed with, or null.</summary>
    /// <param name="mustAnswer">Only the component closes it: neither Escape nor the veil nor a cross.</param>
    public Task<object?> OpenAsync<T>(string title, Dictionary<string, object?> parameters, string width = "30rem", bool mustAnswer = false)
        where T : ComponentBase =>
        dialogs.OpenAsync<T>(title, parameters!, new DialogOptions
        {
            Width = $"min({width}, calc(100vw - 2rem))",
            Height = "auto",
            AutoFocusFirstElement = true,
            CloseDialogOnOverlayClick = !mustAnswer && !typeof(T).IsDefined(typeof(TakesTextAttribute), false),
            CloseDialogOnEsc = !mustAnswer,
            ShowClose = !mustAnswer,
            CloseAriaLabel = "Close",
        });

    /// <summary>Closes the dialog on top with an answer.</summary>
    public void Close(object? answer = null) => dialogs.Close(answer!);
}
