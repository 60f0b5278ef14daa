using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Proposals.Api;
using StudioVault.Tests.Support;
using StudioVault.Web.Api;
using StudioVault.Web.Audit;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>What the documents about the API say is what it does.</summary>
public sealed class ApiReferenceTests(PostgresServer server) : ApiTest(server)
{
    private static readonly JsonSerializerOptions Strict = new(AgentApi.Json) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true };

    [Fact]
    public async Task The_committed_document_is_the_one_the_program_serves()
    {
        using var anybody = Host.Client(null);
        var served = JsonNode.Parse(await anybody.GetStringAsync("/openapi/v1.json", Ct))!.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        var file = Path.Combine(Checkout.Root, "contracts", "api", "openapi.v1.json");
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1") await File.WriteAllTextAsync(file, served, Ct);
        // Other on purpose? UPDATE_OPENAPI=1 dotnet test --filter ApiReferenceTests writes it; within version 1 only add.
        Assert.Equal(await File.ReadAllTextAsync(file, Ct), served);
    }

    /// <summary>A client made from the document would send a number as a text, and be refused.</summary>
    [Fact]
    public async Task No_schema_takes_a_number_as_a_text_and_neither_does_the_api()
    {
        using var anybody = Host.Client(null);
        var document = JsonNode.Parse(await anybody.GetStringAsync("/openapi/v1.json", Ct))!;
        var (types, both) = (0, new List<string>());
        Walk(document);
        Assert.True(types > 50, $"only {types} schemas were found");
        Assert.Empty(both);
        Assert.Equal("Body of a new proposal.", (string?)document["paths"]!["/v1/proposals"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["description"]);
        var body = JsonNode.Parse(Body())!.AsObject();
        body["epoch"] = "7";
        using var asText = await PostAsync(body.ToJsonString());
        Assert.Equal((400, "refuse.api.malformed", "/epoch"), await RefusedAsync(asText));
        body["epoch"] = 7;
        using var asNumber = await PostAsync(body.ToJsonString());
        Assert.Equal(System.Net.HttpStatusCode.Accepted, asNumber.StatusCode);

        void Walk(JsonNode? node)
        {
            if (node is JsonArray list) foreach (var item in list) Walk(item);
            if (node is not JsonObject map) return;
            List<string> names = map["type"] switch
            {
                JsonArray several => [.. several.Select(t => (string)t!)],
                JsonValue one when one.GetValueKind() == JsonValueKind.String => [(string)one!],
                _ => [],
            };
            types += names.Count > 0 ? 1 : 0;
            if (names.Contains("string") && (names.Contains("integer") || names.Contains("number"))) both.Add(map.GetPath());
            foreach (var (_, value) in map) Walk(value);
        }
    }

    [Fact]
    public async Task Every_endpoint_of_the_version_is_in_the_document_and_a_proposal_is_only_ever_accepted()
    {
        using var anybody = Host.Client(null);
        var document = JsonNode.Parse(await anybody.GetStringAsync("/openapi/v1.json", Ct))!;
        var there = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Where(o => o.Key is "get" or "post" or "put" or "delete").Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}")).ToHashSet();
        var mapped = Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal) && !e.RoutePattern.RawText.Contains("**", StringComparison.Ordinal))
            .Select(e => $"{e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]} {e.RoutePattern.RawText}").ToHashSet();
        Assert.NotEmpty(mapped);
        Assert.Equal(mapped, there);
        Assert.Equal(["202"], document["paths"]!["/v1/proposals"]!["post"]!["responses"]!.AsObject().Select(r => r.Key).Where(c => c[0] == '2'));
    }

    [Fact]
    public void Examples_are_what_is_sent_and_taken()
    {
        Assert.Null(ApiBody.Parse(Encoding.UTF8.GetBytes(ApiDocs.Submit.ExampleRequest!), ["branch", "capability", "args", "why", "evidence", "epoch"]).Refusal);
        Read<ApiSubmitted>(ApiDocs.Submit);
        Read<ApiProposalPage>(ApiDocs.List);
        Read<ApiProposal>(ApiDocs.Read);
        Read<ApiDecisions>(ApiDocs.Decisions);
        Read<ApiProposal>(ApiDocs.Withdraw);
        Read<ApiCapabilities>(ApiDocs.Capabilities);
        Read<ApiCapability>(ApiDocs.OneCapability);
        Read<ApiQuotas>(ApiDocs.Quotas);
        Read<ApiMe>(ApiDocs.Me);
        Read<ApiBooking>(ApiDocs.Booking);
        Read<ApiInclusion>(ApiDocs.AuditEntryProof);
        Read<ApiInclusion>(ApiDocs.AuditInclusion);
        Read<ApiConsistency>(ApiDocs.AuditConsistency);
        Read<ApiConsistency>(ApiDocs.AuditWitness);
        Read<ApiEntry>(ApiDocs.AuditEntry);

        static void Read<T>(ApiDoc doc) => Assert.NotNull(JsonSerializer.Deserialize<T>(doc.ExampleAnswer, Strict));
    }

    [Fact]
    public async Task The_reference_shows_every_endpoint_and_every_code_and_fetches_nothing_from_elsewhere()
    {
        using var anybody = Host.Client(null);
        var page = await anybody.GetStringAsync("/docs/api", Ct);
        var endpoints = ApiReference.All(Host.Services.GetRequiredService<EndpointDataSource>());
        Assert.Equal(18, endpoints.Count);
        Assert.All(endpoints, e =>
        {
            Assert.Contains($"<code>{e.Path}</code>", page, StringComparison.Ordinal);
            Assert.Contains($"id=\"{e.Doc.Name}\"", page, StringComparison.Ordinal);
        });
        Assert.All(RefusalCatalogue.All, k => Assert.Contains($"/docs/api/codes/{k.Code}\"", page, StringComparison.Ordinal));
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("blazor", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_page_of_a_code_says_what_to_do_and_an_unknown_code_has_none()
    {
        using var anybody = Host.Client(null);
        var page = await anybody.GetStringAsync("/docs/api/codes/refuse.api.idempotency_mismatch", Ct);
        Assert.Contains("Use a new key for a new proposal.", page, StringComparison.Ordinal);
        Assert.Contains("/docs/api#submitProposal", page, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await anybody.GetAsync("/docs/api/codes/refuse.no.such", Ct)).StatusCode);
    }
}
