using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Typed ids are stored as uuid, enums as their names: a database a person can read.</summary>
internal static class IdConventions
{
    public static void Apply(ModelConfigurationBuilder conventions)
    {
        foreach (var id in typeof(IId<>).Assembly.GetTypes().Where(t => t.IsValueType && t.GetInterfaces()
                     .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IId<>))))
            conventions.Properties(id).HaveConversion(typeof(IdConverter<>).MakeGenericType(id));
        conventions.Properties<Enum>().HaveConversion<string>();
    }

    private sealed class IdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => Read(value))
        where TId : struct, IId<TId>
    {
        // An expression tree may not call a static abstract member itself.
        private static TId Read(Guid value) => TId.From(value);
    }
}
