using System.Buffers;
using System.Globalization;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Fleet.Browse.Archives;

/// <summary>Writes a tar in the pax format (POSIX.1-2001) as a stream: exact names, times to the nanosecond, modes,
/// owners, links, special files and extended attributes.</summary>
/// <remarks>A name that is not UTF-8 keeps its bytes. A file of which a part is damaged is filled with zeros, because
/// its length was said before.</remarks>
internal sealed class TarWriter(Stream output) : IArchiveWriter
{
    private const int BlockBytes = 512;
    private const int NameBytesMax = 100;
    private const long OctalSizeMax = 0x1_FFFF_FFFF; // Eleven octal digits.
    private const uint OctalIdMax = 0x1F_FFFF; // Seven.
    private const int OwnerBytesMax = 31;

    // An attribute larger than this is no metadata of a file that a person restores; the header stays in memory.
    private const int AttributeBytesMax = 64 << 10;
    private static readonly byte[] s_zeros = new byte[64 << 10];

    private long _left;
    private int _padding;

    public bool KeepsHardLinks => true;

    public async ValueTask<bool> AddAsync(
        ArchiveName name, Entry entry, ArchiveName? hardLinkTo, CancellationToken cancellationToken)
    {
        if (TypeOf(entry, hardLinkTo is not null) is not { } type) return false;
        await PutHeaderAsync(name, entry, type, bytes: 0, hardLinkTo, cancellationToken);
        return true;
    }

    public async ValueTask BeginFileAsync(ArchiveName name, Entry entry, CancellationToken cancellationToken)
    {
        await PutHeaderAsync(name, entry, '0', entry.Bytes, hardLinkTo: null, cancellationToken);
        _left = entry.Bytes;
        _padding = PaddingOf(entry.Bytes);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await output.WriteAsync(bytes, cancellationToken);
        _left -= bytes.Length;
    }

    public async ValueTask EndFileAsync(CancellationToken cancellationToken)
    {
        for (_left += _padding; _left > 0; _left -= Math.Min(_left, s_zeros.Length))
            await output.WriteAsync(s_zeros.AsMemory(0, (int)Math.Min(_left, s_zeros.Length)), cancellationToken);
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
                Mode = 0x1A4, // 0644.
                ModifiedNs = now.ToUnixTimeSeconds() * 1_000_000_000,
            };
            await BeginFileAsync(new ArchiveName(entry.Path.Bytes), entry, cancellationToken);
            await WriteAsync(text, cancellationToken);
            await EndFileAsync(cancellationToken);
        }
        await output.WriteAsync(s_zeros.AsMemory(0, 2 * BlockBytes), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static char? TypeOf(Entry entry, bool isHardLink) => entry.Kind switch
    {
        _ when isHardLink => '1',
        EntryKind.Directory => '5',
        EntryKind.SymbolicLink when !entry.LinkTarget.IsEmpty => '2',
        EntryKind.CharacterDevice => '3',
        EntryKind.BlockDevice => '4',
        EntryKind.Fifo => '6',
        _ => null,
    };

    private async ValueTask PutHeaderAsync(
        ArchiveName name, Entry entry, char type, long bytes, ArchiveName? hardLinkTo,
        CancellationToken cancellationToken)
    {
        var path = name.ToSlashes(isFolder: type == '5');
        var link = hardLinkTo is { } target ? target.ToSlashes(isFolder: false)
            : type == '2' ? entry.LinkTarget.ToArray()
            : [];
        var extended = ExtendedOf(path, link, entry, type, bytes);
        if (extended.Length > 0)
        {
            var header = new Header { Name = "./PaxHeaders"u8.ToArray(), Type = 'x', Bytes = extended.Length };
            await output.WriteAsync(header.ToBlock(), cancellationToken);
            await output.WriteAsync(extended, cancellationToken);
            await output.WriteAsync(s_zeros.AsMemory(0, PaddingOf(extended.Length)), cancellationToken);
        }
        await output.WriteAsync(HeaderOf(path, link, entry, type, bytes).ToBlock(), cancellationToken);
    }

    private static Header HeaderOf(byte[] path, byte[] link, Entry entry, char type, long bytes) => new()
    {
        Name = path,
        Link = link,
        Type = type,
        Mode = PosixMode.Of(entry),
        User = entry.UserId,
        Group = entry.GroupId,
        UserName = entry.UserName,
        GroupName = entry.GroupName,
        Bytes = bytes,
        Seconds = EntryLine.TimeOf(entry).ToUnixTimeSeconds(),
        Device = type is '3' or '4' ? entry.DeviceNumber : 0,
    };

    /// <summary>What the plain header has no room for.</summary>
    private static byte[] ExtendedOf(byte[] path, byte[] link, Entry entry, char type, long bytes)
    {
        var records = new ArrayBufferWriter<byte>();
        var isLong = path.Length > NameBytesMax || link.Length > NameBytesMax;
        // The bytes of such names count as they are; who does not know the record takes them so anyway.
        if (isLong && !(IsUtf8(path) && IsUtf8(link))) Add(records, "hdrcharset", "BINARY"u8);
        if (path.Length > NameBytesMax) Add(records, "path", path);
        if (link.Length > NameBytesMax) Add(records, "linkpath", link);
        if (bytes > OctalSizeMax) Add(records, "size", Number(bytes));
        var nanoseconds = (int)((entry.ModifiedNs % 1_000_000_000 + 1_000_000_000) % 1_000_000_000);
        if (nanoseconds != 0 || entry.ModifiedNs < 0 || entry.ModifiedNs / 1_000_000_000 > OctalSizeMax)
            Add(records, "mtime", TimeOf(entry.ModifiedNs, nanoseconds));
        if (entry.UserId > OctalIdMax) Add(records, "uid", Number(entry.UserId));
        if (entry.GroupId > OctalIdMax) Add(records, "gid", Number(entry.GroupId));
        AddOwner(records, "uname", entry.UserName);
        AddOwner(records, "gname", entry.GroupName);
        if (type is '0' or '5')
        {
            foreach (var attribute in entry.ExtendedAttributes.Where(each => each.Value.Length <= AttributeBytesMax))
                Add(records, "SCHILY.xattr." + Encoding.UTF8.GetString(attribute.Name.Span), attribute.Value.Span);
        }
        return records.WrittenSpan.ToArray();
    }

    private static byte[] TimeOf(long modifiedNs, int nanoseconds)
    {
        // A time before 1970 is a negative number, of which the decimals count towards zero.
        if (modifiedNs >= 0) return Number(modifiedNs / 1_000_000_000, nanoseconds);
        var seconds = -(modifiedNs / 1_000_000_000);
        return [(byte)'-', .. Number(seconds, (int)-(modifiedNs % 1_000_000_000))];
    }

    private static byte[] Number(long whole, int nanoseconds) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{whole}.{nanoseconds:D9}"));

    private static byte[] Number(long whole) =>
        Encoding.ASCII.GetBytes(whole.ToString(CultureInfo.InvariantCulture));

    private static void AddOwner(ArrayBufferWriter<byte> records, string key, string? name)
    {
        if (name is null) return;
        var bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length > OwnerBytesMax || !Ascii.IsValid(bytes)) Add(records, key, bytes);
    }

    /// <summary>A record starts with its own length in decimal digits, which count as well.</summary>
    private static void Add(ArrayBufferWriter<byte> records, string key, ReadOnlySpan<byte> value)
    {
        var rest = 1 + Encoding.UTF8.GetByteCount(key) + 1 + value.Length + 1;
        var length = rest + Digits(rest);
        if (rest + Digits(length) != length) length = rest + Digits(length);
        records.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}=")));
        records.Write(value);
        records.Write("\n"u8);
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private static int PaddingOf(long bytes) => (int)((BlockBytes - bytes % BlockBytes) % BlockBytes);

    /// <summary>The header of POSIX.1-1988. What does not fit was said in the extended one.</summary>
    private sealed class Header
    {
        internal required byte[] Name { get; init; }
        internal byte[] Link { get; init; } = [];
        internal required char Type { get; init; }
        internal uint Mode { get; init; } = 0x1A4; // 0644.
        internal uint User { get; init; }
        internal uint Group { get; init; }
        internal string? UserName { get; init; }
        internal string? GroupName { get; init; }
        internal long Bytes { get; init; }
        internal long Seconds { get; init; }
        internal ulong Device { get; init; }

        internal byte[] ToBlock()
        {
            var block = new byte[BlockBytes];
            Put(block, 0, NameBytesMax, Name);
            Octal(block, 100, 8, Mode);
            Octal(block, 108, 8, Math.Min(User, OctalIdMax));
            Octal(block, 116, 8, Math.Min(Group, OctalIdMax));
            Octal(block, 124, 12, Math.Min(Bytes, OctalSizeMax));
            Octal(block, 136, 12, Math.Clamp(Seconds, 0, OctalSizeMax));
            block[156] = (byte)Type;
            Put(block, 157, NameBytesMax, Link);
            "ustar\000"u8.CopyTo(block.AsSpan(257));
            Put(block, 265, OwnerBytesMax, Encoding.UTF8.GetBytes(UserName ?? ""));
            Put(block, 297, OwnerBytesMax, Encoding.UTF8.GetBytes(GroupName ?? ""));
            Octal(block, 329, 8, Math.Min((long)(Device >> 32), OctalIdMax));
            Octal(block, 337, 8, Math.Min((long)(Device & uint.MaxValue), OctalIdMax));
            block.AsSpan(148, 8).Fill((byte)' '); // The checksum counts itself as spaces.
            var sum = 0;
            foreach (var value in block) sum += value;
            Octal(block, 148, 7, sum);
            return block;
        }

        private static void Put(byte[] block, int offset, int bytesMax, ReadOnlySpan<byte> value) =>
            value[..Math.Min(value.Length, bytesMax)].CopyTo(block.AsSpan(offset));

        /// <summary>Digits and a closing zero byte.</summary>
        private static void Octal(byte[] block, int offset, int bytes, long value)
        {
            block[offset + bytes - 1] = 0;
            for (var at = offset + bytes - 2; at >= offset; at--, value >>= 3) block[at] = (byte)('0' + (value & 7));
        }
    }
}
