using System.IO.Compression;
using Beffroi.Fleet.Browse.Files;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>In which form a selection is downloaded.</summary>
public enum ArchiveFormat
{
    /// <summary>ZIP: for everybody.</summary>
    Zip,

    /// <summary>tar in the pax format: exact, for Linux and macOS.</summary>
    Tar,

    /// <summary>The same, compressed by gzip.</summary>
    TarGz,
}

/// <summary>A selection that is ready to be sent; its length is not known before. To be written once.</summary>
public sealed class StoredArchive : IDisposable
{
    // An answer sends each write at once, and headers of small files are short.
    private const int BufferBytes = 128 << 10;

    private readonly SnapshotReader _reader;
    private readonly Selection _selection;
    private readonly ArchiveFormat _format;
    private readonly ArchiveReadme _readme;
    private readonly TimeProvider _time;
    private readonly TimeZoneInfo _zone;

    internal StoredArchive(
        SnapshotReader reader, Selection selection, ArchiveFormat format, string name, ArchiveReadme readme,
        TimeProvider time, TimeZoneInfo zone)
    {
        (_reader, _selection, _format, _readme, _time, _zone) = (reader, selection, format, readme, time, zone);
        Headers = DownloadHeaders.Saved(name + EndingOf(format), TypeOf(format));
    }

    /// <summary>To be set on the answer.</summary>
    public DownloadHeaders Headers { get; }

    /// <summary>Writes all of it: nothing is kept on a disk, and memory does not grow with the contents.</summary>
    /// <exception cref="Vault.VaultException">The store failed, or the consent ended: the answer must be broken off, so
    /// that the browser calls the download failed.</exception>
    public async Task<ArchiveReport> WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        var tally = new ArchiveTally();
        // Never disposed of: that would close the answer, and after a failure send what was kept back.
        var buffered = new BufferedStream(output, BufferBytes);
        if (_format == ArchiveFormat.TarGz)
        {
            var gzip = new GZipStream(buffered, CompressionLevel.Fastest, leaveOpen: true);
            await RunAsync(gzip, tally, cancellationToken);
            await gzip.DisposeAsync(); // Not after a failure: a proper end would make half an archive look whole.
        }
        else
        {
            await RunAsync(buffered, tally, cancellationToken);
        }
        await buffered.FlushAsync(cancellationToken);
        return tally.ToReport();
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private async Task RunAsync(Stream output, ArchiveTally tally, CancellationToken cancellationToken)
    {
        await using IArchiveWriter writer = _format == ArchiveFormat.Zip
            ? new ZipWriter(output, _zone, tally)
            : new TarWriter(output);
        await new ArchiveRun(_reader, _selection, writer, tally)
            .ExecuteAsync(_readme, _time.GetUtcNow(), cancellationToken);
    }

    private static string EndingOf(ArchiveFormat format) => format switch
    {
        ArchiveFormat.Zip => ".zip",
        ArchiveFormat.Tar => ".tar",
        _ => ".tar.gz",
    };

    private static string TypeOf(ArchiveFormat format) => format switch
    {
        ArchiveFormat.Zip => "application/zip",
        ArchiveFormat.Tar => "application/x-tar",
        _ => "application/gzip",
    };
}
