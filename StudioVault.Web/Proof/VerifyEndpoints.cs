using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Web.Hosting;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Proof;

/// <summary>
/// <c>/verify</c>: for everybody, without an account and without a circuit. The page's script asks about hashes; without scripts
/// the file itself comes, is judged on its way through and not kept.
/// </summary>
public static class VerifyEndpoints
{
    /// <summary>Most that is taken of a file that is sent.</summary>
    public const int MostMegabytes = 200;

    private const long MostBytes = MostMegabytes * 1024L * 1024;

    // A browser shows no answer while it is still sending: somewhat more than allowed is read and thrown away, so that it gets one.
    private const long MostThrownAway = 2 * MostBytes;
    private const int MostFacts = 32 * 1024;
    private const int LongestName = 200;

    public static void MapVerify(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/verify").AllowAnonymous().DisableAntiforgery().RequireRateLimiting(Limits.Verify);
        group.MapGet("", (HttpContext http, PublicRegister register, CancellationToken ct) => PageAsync(http, register, null, ct));
        group.MapPost("", UploadAsync);
        group.MapPost("/facts", FactsAsync).WithMetadata(new RequestLimit(MostFacts));
        group.MapGet("/{hash}", HashAsync);
    }

    private static async Task<IResult> FactsAsync(HttpContext http, VerifyFacts facts, PublicRegister register, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!facts.ToFacts().TryGet(out var file, out var refusal)) return Notice(refusal);
        if (!(await register.JudgeAsync(file, ct)).TryGet(out var verdict, out refusal)) return Notice(refusal);
        if (verdict.Verdict == Verdict.Appended) verdict = verdict.With(DocumentVerifier.Additions(facts.Marks ?? new Dictionary<string, long>(), verdict.Known!.Length));
        verdict = verdict with { Reasons = [.. verdict.Reasons.Where(r => r != VerifyFacts.NotLooked.Reason)] };
        // A certificate of ours in a file nobody registered: the seal may be whole or broken, and only the bytes tell.
        var undecided = verdict.Verdict == Verdict.Unknown && facts.Seals is { Count: > 0 };
        if (undecided) verdict = verdict with { Reasons = [.. verdict.Reasons, "It carries the group's seal all the same."] };
        return Part<VerdictView>(new()
        {
            [nameof(VerdictView.Verdict)] = verdict,
            [nameof(VerdictView.Length)] = file.Length,
            [nameof(VerdictView.Sha256)] = file.Sha256,
            [nameof(VerdictView.NeedsFile)] = undecided,
        });
    }

    private static async Task<IResult> UploadAsync(HttpContext http, PublicRegister register, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MostThrownAway;
        try
        {
            if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
                return await PageAsync(http, register, DocumentRefusals.FileMissing, ct);
            var reader = new MultipartReader(boundary.Value!, http.Request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFileDisposition()) continue;
                var name = NameOf(disposition);
                await using var copy = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
                if (!await CopyAsync(section.Body, copy, ct))
                {
                    await section.Body.CopyToAsync(Stream.Null, ct);
                    return await PageAsync(http, register, DocumentRefusals.FileTooLarge.With(MostMegabytes), ct);
                }

                if (copy.Length == 0 && name.Length == 0) continue;
                if (!(await register.JudgeAsync(copy, ct)).TryGet(out var verdict, out var refusal)) return await PageAsync(http, register, refusal, ct);
                copy.Position = 0;
                var sha256 = Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(copy, ct));
                return await PageAsync(http, register, null, ct, new() { [nameof(VerifyPage.Verdict)] = verdict, [nameof(VerifyPage.Length)] = copy.Length, [nameof(VerifyPage.Sha256)] = sha256, [nameof(VerifyPage.FileName)] = name });
            }

            return await PageAsync(http, register, DocumentRefusals.FileMissing, ct);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return await PageAsync(http, register, DocumentRefusals.FileTooLarge.With(MostMegabytes), ct);
        }
        catch (Exception e) when (e is InvalidDataException or IOException && !ct.IsCancellationRequested)
        {
            // A form that breaks off, or a head of a part that is none.
            return await PageAsync(http, register, DocumentRefusals.FileMissing, ct);
        }
    }

    private static async Task<IResult> HashAsync(string hash, HttpContext http, PublicRegister register, CancellationToken ct)
    {
        var asked = hash.Trim().ToLowerInvariant();
        var page = new Dictionary<string, object?> { [nameof(VerifyHashPage.Hash)] = asked, [nameof(VerifyHashPage.Theme)] = ThemeCookie.Read(http.Request) };
        if (!VerifyFacts.IsHash(asked))
        {
            page[nameof(VerifyHashPage.Refusal)] = (Refusal)DocumentRefusals.HashMalformed;
            return Part<VerifyHashPage>(page, StatusCodes.Status400BadRequest);
        }

        if (!(await register.OfHashAsync(asked, ct)).TryGet(out var files, out var refusal))
        {
            page[nameof(VerifyHashPage.Refusal)] = refusal;
            return Part<VerifyHashPage>(page, refusal.Kind.HttpStatus);
        }

        page[nameof(VerifyHashPage.Files)] = files;
        if (files is [{ Number: { } number }, ..] && (await register.NewestVersionAsync(number, ct)).TryGet(out var newest, out _)) page[nameof(VerifyHashPage.Newest)] = newest;
        // Nothing to be known is an answer too, and its page says what to do: the plain "not found" would not.
        return Part<VerifyHashPage>(page, files.Count == 0 ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
    }

    private static async Task<IResult> PageAsync(HttpContext http, PublicRegister register, Refusal? refusal, CancellationToken ct, Dictionary<string, object?>? more = null)
    {
        var seals = (await register.SealsAsync(ct)).TryGet(out var trusted, out var away) ? trusted : [];
        var page = more ?? [];
        page[nameof(VerifyPage.Seals)] = seals;
        page[nameof(VerifyPage.Refusal)] = refusal ?? away;
        page[nameof(VerifyPage.Theme)] = ThemeCookie.Read(http.Request);
        return Part<VerifyPage>(page, (refusal ?? away)?.Kind.HttpStatus ?? StatusCodes.Status200OK);
    }

    private static RazorComponentResult<VerifyNotice> Notice(Refusal refusal) =>
        Part<VerifyNotice>(new() { [nameof(VerifyNotice.Refusal)] = refusal }, refusal.Kind.HttpStatus);

    private static RazorComponentResult<T> Part<T>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK) where T : IComponent =>
        new(parameters) { StatusCode = status, PreventStreamingRendering = true };

    // Shown as text and nothing else: a name may hold paths, marks that turn the line round, or a screenful of letters.
    private static string NameOf(ContentDispositionHeaderValue disposition)
    {
        var given = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? "";
        var last = given[(given.LastIndexOfAny(['/', '\\']) + 1)..];
        var plain = string.Concat(last.Where(c => !char.IsControl(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format));
        return plain.Length <= LongestName ? plain : plain[..LongestName] + "…";
    }

    /// <summary>False when there is more than may be.</summary>
    private static async Task<bool> CopyAsync(Stream from, FileStream to, CancellationToken ct)
    {
        var buffer = new byte[1 << 17];
        for (int read; (read = await from.ReadAsync(buffer, ct)) > 0;)
        {
            if (to.Length + read > MostBytes) return false;
            await to.WriteAsync(buffer.AsMemory(0, read), ct);
        }

        return true;
    }

    private sealed record RequestLimit(long? MaxRequestBodySize) : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata;
}
