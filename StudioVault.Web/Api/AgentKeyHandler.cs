using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Api;

/// <summary>
/// Agent keys as bearer tokens (RFC 6750). Browsers cannot set a header on a WebSocket, so the hub alone also takes the token from
/// the query, which no log or span keeps.
/// </summary>
public sealed class AgentKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AgentGate gate, ApiGate limits)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "AgentKey";

    /// <summary>Where a token may stand in the query.</summary>
    public const string HubPath = "/hubs";

    private const string KeyClaim = "sv:agent_key";
    private const string HashClaim = "sv:agent_key_sha256";
    private const string Bearer = "Bearer ";

    private Refusal? _refusal;
    private int? _retryAfter;

    /// <summary>The agent that asks, as it was when the request came; only behind this scheme.</summary>
    public static AgentCaller AgentOf(HttpContext http) => http.Features.Get<AgentCaller>() ?? throw new InvalidOperationException("This address takes agent keys only.");

    /// <summary>The sender a principal of this scheme stands for; null for any other.</summary>
    public static Sender? SenderOf(ClaimsPrincipal user) => user.FindFirstValue(KeyClaim) is { } key && user.FindFirstValue(HashClaim) is { } hash ? Sender.AgentBy(new AgentKeyId(Guid.Parse(key)), hash) : null;

    /// <summary>Whether the request carries an agent key, where one may stand.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return header[Bearer.Length..].Trim();
        if (request.Path.StartsWithSegments(HubPath) && request.Query["access_token"].ToString() is { Length: > 0 } token) return token;
        return null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        Context.Response.Headers.CacheControl = "no-store";
        if (TokenOf(Request) is not { } token) return AuthenticateResult.NoResult();
        var address = Context.Connection.RemoteIpAddress?.ToString() ?? "?";
        var read = AgentToken.Parse(token);
        var sent = read is null ? ((AgentKeyId Key, string SecretSha256)?)null : (read.KeyId, Convert.ToHexStringLower(read.SecretSha256()));
        if (limits.Entering(address, sent) is { } wait) return Fail(ApiGate.Refusal, wait);
        if (!(await gate.OpenAsync(token, Context.RequestAborted)).TryGet(out var opened, out var refusal))
        {
            // A database that is away says nothing about the key.
            if (sent is { } s && refusal.Kind.HttpStatus != StatusCodes.Status503ServiceUnavailable) limits.Refused(s.Key, s.SecretSha256);
            return Fail(refusal, null);
        }

        var key = opened.Agent.KeyId!.Value;
        if (limits.Opened(key, opened.Sender.Agent!.SecretSha256!) is { } pause) return Fail(ApiGate.Refusal, pause);
        Context.Features.Set(opened.Agent);
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, $"agent:{opened.Agent.Id}"), new(ClaimTypes.Name, opened.Agent.Slug), new(KeyClaim, key.ToString()), new(HashClaim, opened.Sender.Agent.SecretSha256!)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var refusal = _refusal ?? ApiRefusals.KeyMissing;
        if (refusal.Kind.HttpStatus == StatusCodes.Status401Unauthorized)
            Response.Headers.WWWAuthenticate = _refusal is null ? "Bearer realm=\"StudioVault\"" : "Bearer realm=\"StudioVault\", error=\"invalid_token\"";
        return ApiProblem.WriteAsync(Context, refusal, _retryAfter);
    }

    private AuthenticateResult Fail(Refusal refusal, int? retryAfter)
    {
        (_refusal, _retryAfter) = (refusal, retryAfter);
        return AuthenticateResult.Fail(refusal.Code);
    }
}
