using System.Globalization;
using System.IO.Compression;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Writes a ZIP (APPNOTE 6.3) as a stream: lengths and checksums follow each file, and sizes of 64 bits are
/// used where a file or the archive needs them.</summary>
/// <remarks>Names are UTF-8 and such that Windows can have them, since that is where most archives are opened: a name
/// that it cannot have is written as a restore on Windows writes it. The central directory, which stands at the end, is
/// kept compressed in memory meanwhile: nothing of it lies on a disk.</remarks>
internal sealed class ZipWriter(Stream output, TimeZoneInfo zone, ArchiveTally tally) : IArchiveWriter
{
    private const uint LocalHeader = 0x04034B50;
    private const uint Descriptor = 0x08074B50;
    private const uint CentralHeader = 0x02014B50;
    private const uint CentralEnd64 = 0x06064B50;
    private const uint CentralLocator64 = 0x07064B50;
    private const uint CentralEnd = 0x06054B50;
    private const ushort Version20 = 20;
    private const ushort Version45 = 45; // ZIP64.
    private const ushort MadeByUnix = 3 << 8;
    private const ushort Flags = 1 << 3 | 1 << 11; // Lengths follow; names are UTF-8.
    private const ushort Deflated = 8;
    private const ushort Zip64Extra = 0x0001;
    private const ushort TimeExtra = 0x5455;
    private const uint UnixFile = 0x8000;
    private const uint UnixFolder = 0x4000;
    private const uint DosFolder = 0x10;

    // A deflated stream may be longer than its content, by 5 bytes in 16 KiB and less.
    private const long Zip64Bytes = 0xF000_0000;

    private readonly PackedSpool _central = new();
    private long _position;
    private long _count;
    private bool _isAbandoned;
    private FileRecord? _file;
    private DeflateStream? _deflate;

    public bool KeepsHardLinks => false;

    public async ValueTask<bool> AddAsync(
        ArchiveName name, Entry entry, ArchiveName? hardLinkTo, CancellationToken cancellationToken)
    {
        if (entry.Kind != EntryKind.Directory) return false;
        await StartAsync(RecordOf(name, entry, isFolder: true), cancellationToken);
        await EndFileAsync(cancellationToken);
        return true;
    }

    public ValueTask BeginFileAsync(ArchiveName name, Entry entry, CancellationToken cancellationToken) =>
        StartAsync(RecordOf(name, entry, isFolder: false), cancellationToken);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var file = _file ?? throw new InvalidOperationException("No file was begun.");
        if (bytes.IsEmpty) return;
        file.Crc = Crc32.Append(file.Crc, bytes.Span);
        file.Bytes += bytes.Length;
        // Fastest: the line is slower than any level, and others need the processor too.
        _deflate ??= new DeflateStream(new Counted(this), CompressionLevel.Fastest, leaveOpen: true);
        await _deflate.WriteAsync(bytes, cancellationToken);
    }

    public async ValueTask EndFileAsync(CancellationToken cancellationToken)
    {
        var file = _file ?? throw new InvalidOperationException("No file was begun.");
        if (_deflate is not null) await _deflate.DisposeAsync();
        // An empty stream is still a stream: one final block without content.
        else if (file.HasContent) await PutAsync(new byte[] { 0x03, 0x00 }, cancellationToken);
        _deflate = null;
        file.PackedBytes = _position - file.DataOffset;
        if (file.HasContent) await PutAsync(DescriptorOf(file), cancellationToken);
        _central.Write(CentralOf(file));
        _count++;
        _file = null;
    }

    public async ValueTask FinishAsync(
        (string Name, byte[] Text)? readme, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (readme is var (name, text))
        {
            var entry = new Entry
            {
                Path = new EntryPath(Encoding.UTF8.GetBytes(name)),
                Kind = EntryKind.File,
                Bytes = text.Length,
                ModifiedNs = now.ToUnixTimeSeconds() * 1_000_000_000,
            };
            await BeginFileAsync(new ArchiveName(entry.Path.Bytes), entry, cancellationToken);
            await WriteAsync(text, cancellationToken);
            await EndFileAsync(cancellationToken);
        }
        var start = _position;
        await foreach (var part in _central.ReadAsync(cancellationToken)) await PutAsync(part, cancellationToken);
        await PutAsync(EndOf(start), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _isAbandoned = true; // After a failure the compressor must not write its end into what is gone.
        if (_deflate is not null) await _deflate.DisposeAsync();
        _central.Dispose();
    }

    private async ValueTask StartAsync(FileRecord file, CancellationToken cancellationToken)
    {
        _file = file;
        file.Offset = _position;
        await PutAsync(LocalOf(file), cancellationToken);
        file.DataOffset = _position;
    }

    private FileRecord RecordOf(ArchiveName name, Entry entry, bool isFolder)
    {
        var written = Encoding.UTF8.GetBytes(SafeName(name, isFolder));
        if (written.Length > ushort.MaxValue) written = Encoding.UTF8.GetBytes(ShortName(isFolder));
        if (!written.AsSpan().SequenceEqual(name.ToSlashes(isFolder)))
            tally.Note(new ArchiveNote(ArchiveNoteKind.Renamed, name.Show(), Encoding.UTF8.GetString(written)));
        return new FileRecord(written, entry, isFolder, zone);
    }

    /// <summary>The name as Windows can have it; nothing in it is a separator but the slashes.</summary>
    private static string SafeName(ArchiveName name, bool isFolder)
    {
        var safe = new StringBuilder();
        foreach (var part in name.Parts.Span.Split((byte)0))
        {
            if (safe.Length > 0) safe.Append('/');
            safe.Append(WindowsNames.ToWindows(name.Parts.Span[part]));
        }
        return isFolder ? safe.Append('/').ToString() : safe.ToString();
    }

    // The format has 16 bits for the length of a path; the catalogue has as many, and escapes make it longer.
    private string ShortName(bool isFolder) =>
        string.Create(CultureInfo.InvariantCulture, $"{_count}{(isFolder ? "/" : "")}");

    private static byte[] LocalOf(FileRecord file)
    {
        var block = new BlockWriter();
        block.U32(LocalHeader);
        block.U16(file.IsZip64 ? Version45 : Version20);
        block.U16(file.HasContent ? Flags : (ushort)(Flags & ~(1 << 3)));
        block.U16(file.HasContent ? Deflated : (ushort)0);
        block.U32(file.DosTime);
        block.U32(0);
        block.U32(file.IsZip64 ? uint.MaxValue : 0);
        block.U32(file.IsZip64 ? uint.MaxValue : 0);
        var extra = file.ExtraOfTime();
        block.U16((ushort)file.Name.Length);
        block.U16((ushort)(extra.Length + (file.IsZip64 ? 20 : 0)));
        block.Bytes(file.Name);
        if (file.IsZip64)
        {
            block.U16(Zip64Extra);
            block.U16(16);
            block.U64(0);
            block.U64(0);
        }
        block.Bytes(extra);
        return block.ToArray();
    }

    private static byte[] DescriptorOf(FileRecord file)
    {
        var block = new BlockWriter();
        block.U32(Descriptor);
        block.U32(file.Crc);
        if (file.IsZip64)
        {
            block.U64(file.PackedBytes);
            block.U64(file.Bytes);
        }
        else
        {
            block.U32((uint)file.PackedBytes);
            block.U32((uint)file.Bytes);
        }
        return block.ToArray();
    }

    private static byte[] CentralOf(FileRecord file)
    {
        var block = new BlockWriter();
        var isFar = file.Offset >= uint.MaxValue;
        block.U32(CentralHeader);
        block.U16(MadeByUnix | Version45);
        block.U16(file.IsZip64 || isFar ? Version45 : Version20);
        block.U16(file.HasContent ? Flags : (ushort)(Flags & ~(1 << 3)));
        block.U16(file.HasContent ? Deflated : (ushort)0);
        block.U32(file.DosTime);
        block.U32(file.Crc);
        block.U32(file.IsZip64 ? uint.MaxValue : (uint)file.PackedBytes);
        block.U32(file.IsZip64 ? uint.MaxValue : (uint)file.Bytes);
        var time = file.ExtraOfTime();
        var wideBytes = (file.IsZip64 ? 16 : 0) + (isFar ? 8 : 0);
        block.U16((ushort)file.Name.Length);
        block.U16((ushort)(time.Length + (wideBytes > 0 ? 4 + wideBytes : 0)));
        block.Zeros(2 + 2 + 2); // Comment, disk, internal attributes.
        block.U32(file.Attributes);
        block.U32(isFar ? uint.MaxValue : (uint)file.Offset);
        block.Bytes(file.Name);
        if (wideBytes > 0)
        {
            block.U16(Zip64Extra);
            block.U16((ushort)wideBytes);
            if (file.IsZip64) block.U64(file.Bytes);
            if (file.IsZip64) block.U64(file.PackedBytes);
            if (isFar) block.U64(file.Offset);
        }
        block.Bytes(time);
        return block.ToArray();
    }

    private byte[] EndOf(long start)
    {
        var block = new BlockWriter();
        var length = _position - start;
        var isWide = _count >= ushort.MaxValue || start >= uint.MaxValue || length >= uint.MaxValue;
        if (isWide)
        {
            block.U32(CentralEnd64);
            block.U64(44);
            block.U16(MadeByUnix | Version45);
            block.U16(Version45);
            block.Zeros(4 + 4);
            block.U64(_count);
            block.U64(_count);
            block.U64(length);
            block.U64(start);
            block.U32(CentralLocator64);
            block.U32(0);
            block.U64(_position);
            block.U32(1);
        }
        block.U32(CentralEnd);
        block.Zeros(2 + 2);
        block.U16(isWide ? ushort.MaxValue : (ushort)_count);
        block.U16(isWide ? ushort.MaxValue : (ushort)_count);
        block.U32(isWide ? uint.MaxValue : (uint)length);
        block.U32(isWide ? uint.MaxValue : (uint)start);
        block.U16(0);
        return block.ToArray();
    }

    private async ValueTask PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_isAbandoned) return;
        await output.WriteAsync(bytes, cancellationToken);
        _position += bytes.Length;
    }

    /// <summary>One file, while it is written.</summary>
    private sealed class FileRecord(byte[] name, Entry entry, bool isFolder, TimeZoneInfo zone)
    {
        private readonly long _seconds = EntryLine.TimeOf(entry).ToUnixTimeSeconds();

        internal byte[] Name => name;
        internal bool HasContent => !isFolder;
        internal bool IsZip64 { get; } = entry.Bytes >= Zip64Bytes;
        internal long Offset { get; set; }
        internal long DataOffset { get; set; }
        internal uint Crc { get; set; }
        internal long Bytes { get; set; }
        internal long PackedBytes { get; set; }
        internal uint DosTime { get; } = DosTimeOf(TimeZoneInfo.ConvertTime(EntryLine.TimeOf(entry), zone));

        internal uint Attributes => isFolder
            ? (UnixFolder | (PosixMode.Of(entry) & 0x1FF)) << 16 | DosFolder
            : (UnixFile | (PosixMode.Of(entry) & 0x1FF)) << 16;

        /// <summary>The time in UTC, for programs that know the field; it ends in 2038.</summary>
        internal byte[] ExtraOfTime()
        {
            if (_seconds is < int.MinValue or > int.MaxValue) return [];
            var block = new BlockWriter();
            block.U16(TimeExtra);
            block.U16(5);
            block.Bytes([1]);
            block.U32(unchecked((uint)(int)_seconds));
            return block.ToArray();
        }

        private static uint DosTimeOf(DateTimeOffset local)
        {
            if (local.Year < 1980) return 0x0021_0000; // 1 January 1980, the first day that the format knows.
            var year = Math.Min(local.Year, 2107) - 1980;
            return (uint)(year << 25 | local.Month << 21 | local.Day << 16
                | local.Hour << 11 | local.Minute << 5 | local.Second / 2);
        }
    }

    /// <summary>What the compressor writes, on its way to the output.</summary>
    private sealed class Counted(ZipWriter zip) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            zip.PutAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            zip.PutAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("Archives are written asynchronously.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush()
        {
            // The output is flushed at the end.
        }
    }
}
