using Beffroi.Fleet.Records;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Fleet.MemberLog;

/// <summary>The first entry of a log, with the keys that lie beside it: what a vault is made from, the first time and
/// after a loss of the database.</summary>
internal static class VaultBirth
{
    private const string ServiceKey = "service";
    private const string GroupSecret = "group";
    private const int WrappedBytesMax = 8 << 10;

    /// <summary>Inserts the vault as the entry says, with its group secret and its part of the index.</summary>
    internal static async Task InsertAsync(
        FleetDb db, VaultCreated entry, WrappedKeys keys, CancellationToken cancellationToken)
    {
        var vault = new VaultId(entry.Vault);
        db.Vaults.Add(new MemberVault
        {
            Id = vault,
            MemberId = new MemberId(entry.Member.Id),
            Mode = VaultMode.Managed,
            RecoveryPublicKey = entry.RecoveryKey,
            ServicePublicKey = entry.ServiceKey,
            ServicePrivateKeyWrapped = keys.ServiceKey,
            GroupSecretId = new SecretId(entry.GroupSecret),
            GroupSecretWrapped = keys.GroupSecret,
            QuotaBytes = entry.QuotaBytes,
            CreatedAt = entry.At,
        });
        db.Secrets.Add(new VaultSecret
        {
            VaultId = vault,
            Ordinal = VaultSecret.FirstGroupSecret,
            SecretId = new SecretId(entry.GroupSecret),
        });
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await RecordsTable.CreatePartitionAsync(connection, vault, cancellationToken);
    }

    /// <summary>Makes the wrapped keys durable: without them a rebuilt server could not help with a restore.</summary>
    internal static async Task PutKeysAsync(
        IBlobStore blobs, VaultId vault, WrappedKeys keys, CancellationToken cancellationToken)
    {
        await blobs.PutAsync(BlobNames.Key(vault, ServiceKey), keys.ServiceKey, cancellationToken);
        await blobs.PutAsync(BlobNames.Key(vault, GroupSecret), keys.GroupSecret, cancellationToken);
    }

    /// <exception cref="VaultException"><see cref="ErrorCode.BlobMissing"/>.</exception>
    internal static async Task<WrappedKeys> ReadKeysAsync(
        IBlobStore blobs, VaultId vault, CancellationToken cancellationToken) => new(
            await ReadKeyAsync(blobs, vault, ServiceKey, cancellationToken),
            await ReadKeyAsync(blobs, vault, GroupSecret, cancellationToken));

    private static async Task<byte[]> ReadKeyAsync(
        IBlobStore blobs, VaultId vault, string name, CancellationToken cancellationToken)
    {
        var blob = BlobNames.Key(vault, name);
        return await blobs.ReadWholeAsync(blob, WrappedBytesMax, cancellationToken) ?? throw new VaultException(
            ErrorCode.BlobMissing, retryable: false,
            $"The wrapped key '{blob}' is not in the blob store. Put it back from a copy; the member's recovery kit "
                + "opens the vault without it.");
    }
}

/// <summary>A vault's keys as the key service wrapped them.</summary>
internal sealed record WrappedKeys(byte[] ServiceKey, byte[] GroupSecret);
