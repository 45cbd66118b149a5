namespace Beffroi.Vault.Catalogue;

/// <summary>Path of an entry: its names joined by a zero byte, which no system allows in a name.</summary>
/// <remarks>Compared as plain bytes, this order puts a directory just before all that it holds, so a catalogue can be
/// written while the tree is walked, and a directory is one contiguous range of it.</remarks>
public readonly struct EntryPath : IEquatable<EntryPath>, IComparable<EntryPath>
{
    /// <summary>Longest path, in bytes. Linux stops at 4,096 for one
    /// call, but deeper trees can be built step by step.</summary>
    public const int BytesMax = 32 * 1024;

    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Wraps bytes that are a path already: names joined by 0x00.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/>: empty, too long, an empty name, a
    /// name <c>.</c> or <c>..</c>, or a name with a slash. A restore relies on these never passing.</exception>
    public EntryPath(ReadOnlyMemory<byte> bytes)
    {
        if (!IsValid(bytes.Span))
            throw new VaultException(ErrorCode.CatalogueMalformed, retryable: false,
                "The catalogue holds a path that no backup writes (empty, too long, '.', '..' or a slash in a name). "
                + "It is refused so that a restore cannot leave its folder. Check the snapshot with 'beffroi verify'.");
        _bytes = bytes;
    }

    /// <summary>The bytes, names joined by 0x00.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Whether it was never set.</summary>
    public bool IsEmpty => _bytes.IsEmpty;

    /// <summary>The last name.</summary>
    public ReadOnlyMemory<byte> Name => _bytes[(_bytes.Span.LastIndexOf((byte)0) + 1)..];

    /// <summary>How many names it has.</summary>
    public int Depth => IsEmpty ? 0 : _bytes.Span.Count((byte)0) + 1;

    /// <summary>The directory that holds it, or an empty path at the top.</summary>
    public EntryPath Parent
    {
        get
        {
            var cut = _bytes.Span.LastIndexOf((byte)0);
            return cut < 0 ? default : new EntryPath(_bytes[..cut]);
        }
    }

    /// <summary>This path with one more name.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/>, as for the constructor.</exception>
    public EntryPath Append(ReadOnlySpan<byte> name)
    {
        var joined = new byte[IsEmpty ? name.Length : _bytes.Length + 1 + name.Length];
        _bytes.Span.CopyTo(joined);
        name.CopyTo(joined.AsSpan(joined.Length - name.Length));
        return new EntryPath((ReadOnlyMemory<byte>)joined);
    }

    /// <summary>Whether this is <paramref name="other"/> or lies below it.</summary>
    public bool IsAtOrBelow(EntryPath other)
    {
        if (other.IsEmpty) return true;
        var span = _bytes.Span;
        var length = other._bytes.Length;
        return span.StartsWith(other._bytes.Span) && (span.Length == length || span[length] == 0);
    }

    /// <summary>Reads a path written with slashes, such as <c>/srv/mairie</c>;
    /// leading and doubled slashes do not count.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.CatalogueMalformed"/>, as for the constructor.</exception>
    public static EntryPath FromSlashes(ReadOnlySpan<byte> path)
    {
        var names = new byte[path.Length];
        var length = 0;
        foreach (var part in path.Split((byte)'/'))
        {
            var name = path[part];
            if (name.IsEmpty) continue;
            if (length > 0) names[length++] = 0;
            name.CopyTo(names.AsSpan(length));
            length += name.Length;
        }
        return length == 0 ? default : new EntryPath((ReadOnlyMemory<byte>)names.AsMemory(0, length).ToArray());
    }

    /// <summary>The paths that lie in no other one of them, in catalogue order.</summary>
    public static IReadOnlyList<EntryPath> Outermost(IEnumerable<EntryPath> paths)
    {
        var outermost = new List<EntryPath>();
        foreach (var path in paths.Order())
        {
            if (outermost.Count == 0 || !path.IsAtOrBelow(outermost[^1])) outermost.Add(path);
        }
        return outermost;
    }

    /// <summary>The path with slashes and without a leading one;
    /// bytes that are not UTF-8 are shown as U+FFFD.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(_bytes.Span).Replace('\0', '/');

    /// <inheritdoc/>
    public int CompareTo(EntryPath other) => _bytes.Span.SequenceCompareTo(other._bytes.Span);

    /// <inheritdoc/>
    public bool Equals(EntryPath other) => _bytes.Span.SequenceEqual(other._bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EntryPath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Whether both are the same bytes.</summary>
    public static bool operator ==(EntryPath left, EntryPath right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(EntryPath left, EntryPath right) => !left.Equals(right);

    /// <summary>Whether the left one comes first.</summary>
    public static bool operator <(EntryPath left, EntryPath right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one comes last.</summary>
    public static bool operator >(EntryPath left, EntryPath right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one does not come last.</summary>
    public static bool operator <=(EntryPath left, EntryPath right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one does not come first.</summary>
    public static bool operator >=(EntryPath left, EntryPath right) => left.CompareTo(right) >= 0;

    private static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > BytesMax || bytes.Contains((byte)'/')) return false;
        foreach (var part in bytes.Split((byte)0))
        {
            var name = bytes[part];
            if (name.Length == 0 || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) return false;
        }
        return true;
    }
}
