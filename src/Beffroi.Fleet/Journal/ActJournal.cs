using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Journal;

/// <summary>A privileged act to be written down.</summary>
/// <param name="Actor">Who did it, such as <c>admin:root</c>.</param>
/// <param name="Act">What was done, such as <c>device-revoked</c>.</param>
/// <param name="Vault">The vault it concerns, if one.</param>
/// <param name="Detail">Further facts; never a secret.</param>
internal sealed record PrivilegedAct(
    string Actor, string Act, VaultId? Vault, IReadOnlyDictionary<string, string> Detail);

/// <summary>Writes privileged acts into <c>fleet.journal</c>, and proves that none was changed.</summary>
internal sealed class ActJournal(TimeProvider time)
{
    // Entries are numbered and chained one after the other; "journal" as seven ASCII bytes.
    private const long AppendLock = 0x6A6F75726E616C;

    private const int PageRows = 1000;

    /// <summary>Appends in the transaction that <paramref name="db"/> has open, so that act and entry stand or fall
    /// together.</summary>
    internal async Task AppendAsync(FleetDb db, PrivilegedAct act, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An act and its entry need one transaction.");

        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({AppendLock})", cancellationToken);
        var last = await db.Journal.AsNoTracking().OrderByDescending(row => row.Id)
            .Select(row => new { row.Id, row.Hash }).FirstOrDefaultAsync(cancellationToken);
        var entry = new JournalEntry
        {
            Id = (last?.Id ?? 0) + 1,
            At = ToMilliseconds(time.GetUtcNow()),
            Actor = act.Actor,
            Act = act.Act,
            VaultId = act.Vault,
            Detail = ToJson(act.Detail),
            PreviousHash = last?.Hash ?? default,
        };
        entry.Hash = HashOf(entry);
        db.Journal.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The number of the first entry that does not fit, or <see langword="null"/> if all do.</summary>
    internal static async Task<long?> FindBrokenAsync(FleetDb db, CancellationToken cancellationToken)
    {
        var (previousId, previousHash) = (0L, default(Digest256));
        while (true)
        {
            var page = await db.Journal.AsNoTracking().Where(row => row.Id > previousId)
                .OrderBy(row => row.Id).Take(PageRows).ToListAsync(cancellationToken);
            foreach (var entry in page)
            {
                if (entry.Id != previousId + 1 || entry.PreviousHash != previousHash || entry.Hash != HashOf(entry))
                    return previousId + 1;
                (previousId, previousHash) = (entry.Id, entry.Hash);
            }
            if (page.Count < PageRows) return null;
        }
    }

    /// <summary>SHA-256 over every member with its length. The detail counts by its members in the order of their
    /// names, since <c>jsonb</c> keeps neither order nor spaces.</summary>
    private static Digest256 HashOf(JournalEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("beffroi journal v1"u8);
        hash.AppendData(entry.PreviousHash.ToArray());
        Append(hash, entry.Id.ToString(CultureInfo.InvariantCulture));
        Append(hash, entry.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Append(hash, entry.Actor);
        Append(hash, entry.Act);
        Append(hash, entry.VaultId?.ToString() ?? "");
        using var detail = JsonDocument.Parse(entry.Detail);
        foreach (var member in detail.RootElement.EnumerateObject()
            .OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            Append(hash, member.Name);
            Append(hash, member.Value.GetString() ?? "");
        }
        return new Digest256(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    private static string ToJson(IReadOnlyDictionary<string, string> detail)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in detail) writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static DateTimeOffset ToMilliseconds(DateTimeOffset instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());
}
