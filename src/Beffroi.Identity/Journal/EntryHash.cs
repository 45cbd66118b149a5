using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Beffroi.Identity.Journal;

/// <summary>SHA-256 over every member of an entry with its length. The detail counts by its members in the order of
/// their names, since <c>jsonb</c> keeps neither order nor spaces.</summary>
internal static class EntryHash
{
    internal const short VersionNow = 2;

    internal static byte[] Of(JournalEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(entry.Version == 1 ? "beffroi journal v1"u8 : "beffroi journal v2"u8);
        hash.AppendData(entry.PreviousHash);
        Append(hash, entry.Id.ToString(CultureInfo.InvariantCulture));
        Append(hash, entry.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Append(hash, entry.Actor);
        Append(hash, entry.Act);
        AppendConcerned(hash, entry);
        using var detail = JsonDocument.Parse(entry.Detail);
        foreach (var member in detail.RootElement.EnumerateObject()
            .OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            Append(hash, member.Name);
            Append(hash, member.Value.GetString() ?? "");
        }
        return hash.GetHashAndReset();
    }

    /// <summary>Version 1 knew the vault; version 2 knows the member and where the request came from.</summary>
    private static void AppendConcerned(IncrementalHash hash, JournalEntry entry)
    {
        if (entry.Version == 1)
        {
            Append(hash, entry.VaultId?.ToString("D") ?? "");
            return;
        }
        Append(hash, entry.MemberId?.ToString() ?? "");
        Append(hash, entry.Origin ?? "");
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
