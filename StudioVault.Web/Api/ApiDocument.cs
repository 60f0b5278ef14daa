using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace StudioVault.Web.Api;

/// <summary>The OpenAPI document of version 1, made from the endpoints and their <see cref="ApiDoc"/>.</summary>
public static class ApiDocument
{
    public const string Name = "v1";
    private const string Scheme = "agentKey";

    public static void AddVaultOpenApi(this IServiceCollection services) => services.AddOpenApi(Name, o =>
    {
        o.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        o.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<ApiDoc>().Any();
        o.AddOperationTransformer(async (operation, context, ct) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiDoc>().FirstOrDefault() is not { } doc) return;
            Describe(operation, doc);
            if (doc.RequestType is not { } type) return;
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = doc.NeedsRequest,
                Content = new Dictionary<string, OpenApiMediaType> { [doc.RequestMedia] = new() { Schema = await context.GetOrCreateSchemaAsync(type, null, ct), Example = doc.ExampleRequest is { } example ? Shown(example, doc.RequestMedia) : null } },
            };
        });
        o.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "StudioVault",
                Version = "1",
                Description = "Agents propose, people decide. Nothing that is sent here is done until people have approved exactly that. Within version 1 members and endpoints are only added. Reference: /docs/api.",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An agent key, svk_…, made by HQ and shown once." },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
            return Task.CompletedTask;
        });
    });

    public static void MapVaultOpenApi(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    private static JsonNode? Shown(string example, string media) => media == ApiDocs.Json ? JsonNode.Parse(example) : JsonValue.Create(example);

    private static void Describe(OpenApiOperation operation, ApiDoc doc)
    {
        (operation.Summary, operation.Description) = (doc.Summary, doc.Description);
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description = doc.Parameters.GetValueOrDefault(parameter.Name ?? "");
            if (parameter.Description?.EndsWith("Required.", StringComparison.Ordinal) == true) parameter.Required = true;
        }

        // An empty requirement: none, whatever the document says for all.
        if (!doc.NeedsKey) operation.Security = [new OpenApiSecurityRequirement()];
        if (doc.Parameters.TryGetValue("Idempotency-Key", out var meaning))
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Required = true, Description = meaning, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[A-Za-z0-9_:.-]{8,100}$" } });
        foreach (var (status, found) in operation.Responses ?? [])
        {
            if (found is not OpenApiResponse response) continue;
            if (status == doc.Answers.ToString(System.Globalization.CultureInfo.InvariantCulture))
            {
                response.Description = doc.Answers switch { StatusCodes.Status202Accepted => "Accepted; people decide.", StatusCodes.Status204NoContent => "Taken.", _ => "Found." };
                if (doc.AnswerMedia is { } media && response.Content?.TryGetValue(media, out var answer) == true && answer is OpenApiMediaType example) example.Example = Shown(doc.ExampleAnswer, media);
                if (doc.Name == ApiDocs.Submit.Name)
                    response.Headers = new Dictionary<string, IOpenApiHeader>
                    {
                        ["Location"] = new OpenApiHeader { Description = "Address of the proposal.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                        ["Idempotency-Replayed"] = new OpenApiHeader { Description = "true when this answer was given before.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    };
                continue;
            }

            var codes = doc.AllRefusals.Where(k => k.HttpStatus.ToString(System.Globalization.CultureInfo.InvariantCulture) == status).Select(k => k.Code).Distinct().Order(StringComparer.Ordinal);
            response.Description = string.Join(", ", codes);
            if (status is "429" or "503") response.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = new OpenApiHeader { Description = "Seconds to wait.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } } };
        }
    }
}
