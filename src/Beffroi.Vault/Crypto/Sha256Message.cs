namespace Beffroi.Vault.Crypto;

/// <summary>A message to hash: the bytes of <paramref name="Prefix"/>, then those of <paramref name="Body"/>.</summary>
/// <param name="Prefix">What precedes the body, such as a length or a record's header; may be empty.</param>
/// <param name="Body">The bulk; never copied as a whole. May be empty.</param>
public readonly record struct Sha256Message(ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Body)
{
    /// <summary>Length of the message in bytes.</summary>
    public long Bytes => (long)Prefix.Length + Body.Length;

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    internal void CopyTo(long offset, Span<byte> destination)
    {
        if (offset < Prefix.Length)
        {
            var head = Prefix.Span[(int)offset..];
            if (head.Length > destination.Length) head = head[..destination.Length];
            head.CopyTo(destination);
            destination = destination[head.Length..];
            offset += head.Length;
        }
        if (destination.IsEmpty) return;

        Body.Span.Slice((int)(offset - Prefix.Length), destination.Length).CopyTo(destination);
    }
}
