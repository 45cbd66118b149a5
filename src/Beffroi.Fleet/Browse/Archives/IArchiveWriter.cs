using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Writes an archive from its start to its end. Names are below the selection's folder. For one caller at a
/// time.</summary>
internal interface IArchiveWriter : IAsyncDisposable
{
    /// <summary>Whether a further name of a hard link is written as such, without content.</summary>
    bool KeepsHardLinks { get; }

    /// <summary>Adds what has no content: a folder, or a link or special file if this archive has such.</summary>
    /// <param name="hardLinkTo">The name that has the content, for a further name of a hard link.</param>
    /// <returns>Whether this archive can hold it.</returns>
    ValueTask<bool> AddAsync(
        ArchiveName name, Entry entry, ArchiveName? hardLinkTo, CancellationToken cancellationToken);

    /// <summary>Starts a file.</summary>
    ValueTask BeginFileAsync(ArchiveName name, Entry entry, CancellationToken cancellationToken);

    /// <summary>Adds the next bytes of the file.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the file, also before its announced length when the rest is damaged.</summary>
    ValueTask EndFileAsync(CancellationToken cancellationToken);

    /// <summary>Adds a text and ends the archive.</summary>
    /// <param name="readme">Name and text; null for none.</param>
    ValueTask FinishAsync((string Name, byte[] Text)? readme, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>A name in an archive: the entry's names below the selection's folder.</summary>
/// <param name="Parts">Names joined by zero bytes, as in the catalogue.</param>
internal readonly record struct ArchiveName(ReadOnlyMemory<byte> Parts)
{
    /// <summary>The path of an entry without the folder that the whole selection lies in.</summary>
    internal static ArchiveName Of(EntryPath path, EntryPath above) =>
        new(above.IsEmpty ? path.Bytes : path.Bytes[(above.Bytes.Length + 1)..]);

    /// <summary>The bytes with slashes.</summary>
    internal byte[] ToSlashes(bool isFolder)
    {
        var bytes = new byte[Parts.Length + (isFolder ? 1 : 0)];
        Parts.Span.Replace(bytes, (byte)0, (byte)'/');
        if (isFolder) bytes[^1] = (byte)'/';
        return bytes;
    }

    /// <summary>As a person reads it.</summary>
    internal string Show() => EntryName.ShowPath(new EntryPath(Parts))[1..];
}
