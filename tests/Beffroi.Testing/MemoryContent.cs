using Beffroi.Vault.Operations;

namespace Beffroi.Testing;

/// <summary>Bytes as a content to back up, given out in pieces of random length as a file system may.</summary>
public sealed class MemoryContent(byte[] bytes, Random random) : IContentSource
{
    private int _position;

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        var left = Math.Min(destination.Length, bytes.Length - _position);
        var count = left <= 1 ? left : random.Next(1, left + 1);
        bytes.AsSpan(_position, count).CopyTo(destination);
        _position += count;
        return count;
    }
}
