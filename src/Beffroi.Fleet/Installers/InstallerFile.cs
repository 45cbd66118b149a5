using System.Text;
using Beffroi.Vault;

namespace Beffroi.Fleet.Installers;

/// <summary>What is known of an installer's bytes.</summary>
/// <param name="SlotOffset">Where an MSI has room for a request; null: nowhere.</param>
internal sealed record InstallerFile(string Path, long Bytes, Digest256 Digest, long? SlotOffset)
{
    /// <summary>Length of the room for a request, which eng/make-msi leaves in the MSI's table of strings.</summary>
    internal const int SlotBytes = 320;

    // In two parts, so that no program which holds this text is taken for an installer.
    private static readonly byte[] s_mark = Encoding.ASCII.GetBytes("BEFFROI-REQUEST" + "-GOES-HERE:");

    /// <exception cref="IOException">It cannot be read.</exception>
    internal static async Task<InstallerFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        return new InstallerFile(path, bytes.Length, Digest256.Of(bytes), SlotOf(bytes));
    }

    /// <summary>The one place of the mark with all of its room: a string that is not in one piece cannot be
    /// overwritten.</summary>
    private static long? SlotOf(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.IndexOf(s_mark);
        if (start < 0 || start + SlotBytes > bytes.Length || bytes[(start + 1)..].IndexOf(s_mark) >= 0) return null;

        var padding = bytes.Slice(start + s_mark.Length, SlotBytes - s_mark.Length);
        return padding.IndexOfAnyExcept((byte)'-') < 0 ? start : null;
    }
}
