using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Business;

/// <summary>Enumerations as words in the database: SQL reads, and a reordered enumeration does no harm.</summary>
internal static class CodeWordColumn
{
    internal static PropertyBuilder<T> HasCodeWord<T>(this PropertyBuilder<T> property)
        where T : struct, Enum =>
        property.HasMaxLength(40).HasConversion(value => CodeWord.Of(value), text => CodeWord.Parse<T>(text));

    internal static PropertyBuilder<T?> HasCodeWord<T>(this PropertyBuilder<T?> property)
        where T : struct, Enum =>
        property.HasMaxLength(40).HasConversion(
            value => value == null ? null : CodeWord.Of(value.Value),
            text => text == null ? null : CodeWord.Parse<T>(text));
}
