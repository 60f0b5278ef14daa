namespace StudioVault.Web.Packages;

/// <summary>The rows of a list that one page shows: thousands of them are not drawn at once.</summary>
/// <param name="Number">Of this page, from 1; a number beyond the list means the last page.</param>
/// <param name="Start">Rows before it.</param>
/// <param name="HasMore">There is a page after it.</param>
public readonly record struct PageCut(int Number, int Start, int Count, bool HasMore)
{
    /// <summary>Rows of a page of branches.</summary>
    public const int Size = 50;

    /// <param name="asked">The number in the address, whatever stands there.</param>
    public static PageCut Of(int rows, int? asked)
    {
        var number = Math.Clamp(asked ?? 1, 1, Math.Max(1, (rows + Size - 1) / Size));
        var start = (number - 1) * Size;
        return new PageCut(number, start, Math.Min(Size, rows - start), start + Size < rows);
    }
}
