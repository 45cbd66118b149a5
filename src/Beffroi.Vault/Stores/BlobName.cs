using System.Buffers;

namespace Beffroi.Vault.Stores;

/// <summary>Name of a blob: parts of <c>a-z 0-9 - _ .</c> joined by <c>/</c>, for instance
/// <c>t/…/p/4f/4f09…</c>.</summary>
/// <remarks>The alphabet is what every file system and S3 store writes the same way; a part never starts with a dot, so
/// no name leaves the store's folder nor hides a temporary file.</remarks>
public readonly record struct BlobName : IComparable<BlobName>
{
    private static readonly SearchValues<char> PartCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly string? _value;

    /// <summary>Checks and wraps a name.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long, or has a character or a part that is not
    /// allowed.</exception>
    public BlobName(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (!IsValid(value))
            throw new ArgumentException($"'{value}' is not a blob name.", nameof(value));
        _value = value;
    }

    /// <summary>The name as text.</summary>
    public string Value => _value ?? throw new InvalidOperationException("A blob name was never set.");

    /// <inheritdoc/>
    public int CompareTo(BlobName other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Whether the left one comes first in byte order.</summary>
    public static bool operator <(BlobName left, BlobName right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one comes last in byte order.</summary>
    public static bool operator >(BlobName left, BlobName right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one does not come last.</summary>
    public static bool operator <=(BlobName left, BlobName right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one does not come first.</summary>
    public static bool operator >=(BlobName left, BlobName right) => left.CompareTo(right) >= 0;

    /// <summary>Whether <paramref name="value"/> can be a name. A store asks this of what it finds and did not
    /// write.</summary>
    public static bool IsValid(ReadOnlySpan<char> value)
    {
        if (value.Length is 0 or > BlobStoreLimits.NameCharactersMax) return false;
        foreach (var part in value.Split('/'))
            if (!IsValidPart(value[part])) return false;
        return true;
    }

    private static bool IsValidPart(ReadOnlySpan<char> part) =>
        part.Length is > 0 and <= BlobStoreLimits.NamePartCharactersMax
        && part[0] != '.'
        && !part.ContainsAnyExcept(PartCharacters);
}
