using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

// An agent in a hundred lines: who am I, what may I propose, propose it, wait for people. It references nothing of StudioVault's:
// all it has is a key, and a key only proposes.
if (Environment.GetEnvironmentVariable("STUDIOVAULT_KEY") is not { Length: > 0 } key)
{
    Console.Error.WriteLine("Set STUDIOVAULT_KEY to an agent key, svk_…, and STUDIOVAULT_URL to the address.");
    return 2;
}

using var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("STUDIOVAULT_URL") ?? "http://localhost:5000") };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
var wanted = args.ElementAtOrDefault(0) ?? "booking.pause";
var givenArgs = args.ElementAtOrDefault(1);

if (await GetAsync("/v1/me") is not { } me) return 1;
Console.WriteLine($"I am {me["agent"]!["name"]}.");
foreach (var b in me["branches"]!.AsArray())
    Console.WriteLine($"  {b!["name"]}: on behalf of {string.Join(", ", b["powers"]!.AsArray().Select(p => string.Join(" for ", p!["onBehalfOf"]!.AsArray())).Distinct())}");

if (await GetAsync($"/v1/capabilities/{Uri.EscapeDataString(wanted)}") is not { } capability) return 1;
Console.WriteLine($"{capability["title"]} ({capability["band"]}): {capability["what"]}");
if (capability["branches"]!.AsArray().FirstOrDefault()?.GetValue<string>() is not { } branch || !capability["enabled"]!.GetValue<bool>())
{
    Console.Error.WriteLine($"Nobody gave me the power to propose {wanted}, or it is switched off.");
    return 1;
}

var proposal = new JsonObject
{
    ["branch"] = branch,
    ["capability"] = wanted,
    ["args"] = givenArgs is not null ? JsonNode.Parse(givenArgs) : new JsonObject { ["until"] = InTwoWeeks(), ["reason"] = "The calendar is full" },
    ["why"] = "Every weekend of the next two weeks is booked, and the website still offers them.",
    ["evidence"] = new JsonArray(new JsonObject { ["title"] = "The branch's calendar", ["source"] = "/projects" }),
};

// Drawn once and kept while trying again: a lost answer makes no second proposal.
var idempotencyKey = Guid.NewGuid().ToString();
JsonObject? made = null;
for (var attempt = 1; attempt <= 5 && made is null; attempt++)
{
    using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/proposals") { Content = JsonContent.Create(proposal) };
    request.Headers.Add("Idempotency-Key", idempotencyKey);
    try
    {
        using var answer = await http.SendAsync(request);
        if (answer.IsSuccessStatusCode)
        {
            made = await answer.Content.ReadFromJsonAsync<JsonObject>();
        }
        else if ((int)answer.StatusCode is 429 or 503)
        {
            var wait = answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(5);
            Console.WriteLine($"Told to wait {wait.TotalSeconds:0} s.");
            await Task.Delay(wait);
        }
        else
        {
            await SayAsync(answer);
            return 1;
        }
    }
    catch (HttpRequestException e)
    {
        Console.WriteLine($"No answer ({e.Message}); the same again.");
        await Task.Delay(TimeSpan.FromSeconds(2));
    }
}

if (made is null) return 1;
var location = made["location"]!.GetValue<string>();
Console.WriteLine($"Proposed: {http.BaseAddress}{location.TrimStart('/')} is {made["state"]}. Now people decide, until {made["approveBy"]}.");

var last = "";
while (await GetAsync(location) is { } now)
{
    var state = now["state"]!.GetValue<string>();
    if (state != last) Console.WriteLine($"  {state}{(now["outcome"]?["summary"] is { } summary ? $": {summary}" : "")}");
    last = state;
    if (state is "Succeeded" or "Failed" or "Rejected" or "Expired" or "Superseded" or "TargetChanged" or "Killed" or "Withdrawn") break;
    await Task.Delay(TimeSpan.FromSeconds(2));
}

foreach (var d in (await GetAsync($"{location}/decisions"))?["items"]?.AsArray() ?? [])
    Console.WriteLine($"  {d!["by"]}: {d["verdict"]}{(d["reason"] is { } reason ? $" ({reason})" : "")}");
return last == "Succeeded" ? 0 : 1;

async Task<JsonObject?> GetAsync(string path)
{
    using var answer = await http.GetAsync(path);
    if (answer.IsSuccessStatusCode) return await answer.Content.ReadFromJsonAsync<JsonObject>();
    await SayAsync(answer);
    return null;
}

static async Task SayAsync(HttpResponseMessage answer)
{
    var text = await answer.Content.ReadAsStringAsync();
    try
    {
        var problem = JsonNode.Parse(text)!;
        Console.Error.WriteLine($"{problem["code"]}: {problem["sentence"]} {problem["nextStep"]}");
    }
    catch (JsonException)
    {
        Console.Error.WriteLine($"{(int)answer.StatusCode}: {text}");
    }
}

static string InTwoWeeks() => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(14).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
