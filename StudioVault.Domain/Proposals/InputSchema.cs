using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>What kind of value an input is.</summary>
public enum InputKind
{
    /// <summary>Plain text; line breaks only where <see cref="InputField.IsLong"/>.</summary>
    Text,

    /// <summary>UUID as text.</summary>
    Id,

    /// <summary>Branch-local day, <c>yyyy-MM-dd</c>.</summary>
    Day,

    /// <summary>Amount as a decimal string with at most two digits after the point, greater than zero.</summary>
    Amount,

    /// <summary>Whole number.</summary>
    Whole,
}

/// <summary>One input of a capability.</summary>
/// <param name="Name">Key in the arguments, camelCase.</param>
/// <param name="Label">What people read.</param>
/// <param name="Most">Characters of a text, or the largest whole number; 0 = no bound of its own.</param>
/// <param name="IsOptional">May be left out. A left out key and null are not the same: null is refused.</param>
/// <param name="IsLong">A text of several lines.</param>
/// <param name="OneOf">The only values a text may have; empty = any.</param>
public sealed record InputField(string Name, InputKind Kind, string Label, int Most = 0, bool IsOptional = false, bool IsLong = false, IReadOnlyList<string>? OneOf = null);

/// <summary>What arguments a capability takes: closed, so that a field nobody asked for is refused and not carried along.</summary>
public sealed record InputSchema(IReadOnlyList<InputField> Fields)
{
    /// <summary>Checks arguments against the schema.</summary>
    /// <returns>Null, or the first of <c>refuse.proposal.argument_missing</c>, <c>argument_unknown</c>, <c>argument_wrong</c> with its path.</returns>
    public Refusal? Check(JsonObject args)
    {
        foreach (var (name, _) in args)
            if (Fields.All(f => f.Name != name)) return ProposalRefusals.ArgumentUnknown.At($"/args/{name}", name);
        foreach (var field in Fields)
        {
            if (!args.TryGetPropertyValue(field.Name, out var value))
            {
                if (!field.IsOptional) return ProposalRefusals.ArgumentMissing.At($"/args/{field.Name}", field.Name);
            }
            else if (Wrong(field, value) is { } what)
            {
                return ProposalRefusals.ArgumentWrong.At($"/args/{field.Name}", field.Name, what);
            }
        }

        return null;
    }

    /// <summary>The same as a JSON Schema (2020-12), for the public API.</summary>
    public JsonObject ToJsonSchema()
    {
        var properties = new JsonObject();
        foreach (var f in Fields) properties[f.Name] = Describe(f);
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. Fields.Where(f => !f.IsOptional).Select(f => (JsonNode)f.Name)]),
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Describe(InputField f)
    {
        var node = new JsonObject { ["title"] = f.Label, ["type"] = f.Kind == InputKind.Whole ? "integer" : "string" };
        switch (f.Kind)
        {
            case InputKind.Id: node["format"] = "uuid"; break;
            case InputKind.Day: node["format"] = "date"; break;
            case InputKind.Amount: node["pattern"] = "^(0|[1-9][0-9]{0,8})(\\.[0-9]{1,2})?$"; break;
            case InputKind.Whole: node["minimum"] = 1; if (f.Most > 0) node["maximum"] = f.Most; break;
            default:
                node["minLength"] = 1;
                if (f.Most > 0) node["maxLength"] = f.Most;
                if (f.OneOf is { Count: > 0 }) node["enum"] = new JsonArray([.. f.OneOf.Select(v => (JsonNode)v)]);
                break;
        }

        return node;
    }

    private static string? Wrong(InputField field, JsonNode? value)
    {
        if (value is not JsonValue scalar) return "a plain value is expected";
        if (field.Kind == InputKind.Whole)
            return scalar.GetValueKind() == JsonValueKind.Number && scalar.TryGetValue<int>(out var number) && number >= 1 && (field.Most == 0 || number <= field.Most) ? null
                : $"a whole number from 1{(field.Most == 0 ? "" : $" to {field.Most}")} is expected";
        if (scalar.GetValueKind() != JsonValueKind.String) return "text is expected";
        var text = scalar.GetValue<string>();
        switch (field.Kind)
        {
            case InputKind.Id:
                return Guid.TryParseExact(text, "D", out _) ? null : "a UUID is expected";
            case InputKind.Day:
                return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : "a day as yyyy-MM-dd is expected";
            case InputKind.Amount:
                return IsAmount(text) ? null : "an amount above zero with at most two digits after the point is expected, for example 120.00";
            default:
                if (text.Trim().Length == 0) return "it is empty";
                if (field.Most > 0 && text.Length > field.Most) return $"it is longer than {field.Most} characters";
                if (field.OneOf is { Count: > 0 } && !field.OneOf.Contains(text)) return $"one of {string.Join(", ", field.OneOf)} is expected";
                return PlainText.Problem(text, field.IsLong);
        }
    }

    private static bool IsAmount(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var rest = point < 0 ? "" : text[(point + 1)..];
        return whole.Length is > 0 and <= 9 && whole.All(char.IsAsciiDigit) && (whole.Length == 1 || whole[0] != '0')
            && (point < 0 || rest.Length is 1 or 2) && rest.All(char.IsAsciiDigit)
            && decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) > 0;
    }
}
