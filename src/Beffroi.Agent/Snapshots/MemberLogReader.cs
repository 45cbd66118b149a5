using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Log;
using Beffroi.Vault.Stores;

namespace Beffroi.Agent.Snapshots;

/// <summary>What the member's log says of the devices: their names, and the keys that sign their commits.</summary>
/// <remarks>docs/format/log.md. Read when restoring with the recovery key, where no server vouches for
/// anything.</remarks>
internal sealed class MemberLogReader
{
    private readonly Dictionary<Guid, List<VerifyingKey>> _signKeys = [];
    private readonly Dictionary<Guid, string> _names = [];

    private MemberLogReader()
    {
    }

    /// <summary>The server's key, by which receipts are countersigned; null when no entry names one.</summary>
    internal VerifyingKey? ServerKey { get; private set; }

    /// <summary>The vault that the log is of; none when its first entry is not sound.</summary>
    internal VaultId Vault { get; private set; }

    /// <summary>Why the log ends before its end, for a person; null when it is whole.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Name of a device, or its id.</summary>
    internal string NameOf(DeviceId device) => _names.GetValueOrDefault(device.Value, device.ToString());

    /// <summary>The keys that a device has had; a replaced machine keeps its id and gets new keys.</summary>
    internal IReadOnlyList<VerifyingKey> KeysOf(DeviceId device) => _signKeys.GetValueOrDefault(device.Value, []);

    /// <summary>Reads the log and checks its chain and signatures, as far as it is sound.</summary>
    /// <param name="store">Where the blobs are.</param>
    /// <param name="logPrefix">Start of the entries' names.</param>
    /// <param name="anchor">Id of the server's key, from the recovery kit; null when the kit does not say.</param>
    /// <param name="cancellationToken">Stops between entries.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.LogBroken"/>: it is signed by another key than the
    /// anchor.</exception>
    internal static async Task<MemberLogReader> ReadAsync(
        IBlobStore store, string logPrefix, KeyId? anchor, CancellationToken cancellationToken)
    {
        var log = new MemberLogReader();
        var place = default(LogPlace);
        try
        {
            await foreach (var blob in store.ListAsync(logPrefix, startAfter: null, cancellationToken))
            {
                // What has another name is no blob (docs/format/vault.md §2): a copy's leftovers, most often.
                if (BlobNames.LogEntryNumber(logPrefix, blob.Name) is not { } number) continue;
                var bytes = new byte[Math.Min(blob.Bytes, SignedLogEntry.BytesMax + 1)];
                await store.ReadAsync(blob.Name, 0, bytes, cancellationToken);
                log.ServerKey ??= SignedLogEntry.ServerKeyOf(bytes);
                log.Add(SignedLogEntry.Read(blob.Name, number, bytes, place with { ServerKey = log.ServerKey }), blob);
                place = place with { Height = number, Head = Digest256.Of(bytes) };
            }
        }
        catch (VaultException exception) // Also of a disk: what is lost of the log costs no snapshot.
        {
            log.Fault = exception.Message;
        }
        if (place.Height == 0 && log.Fault is null)
            log.Fault = "The vault's log is not there. Snapshots can still be read; who signed them cannot be checked.";
        if (anchor is { } expected && log.ServerKey is { } found && found.KeyId != expected)
            throw new VaultException(ErrorCode.LogBroken, retryable: false,
                $"The vault's log is signed by the key {found.KeyId}, and the recovery kit names {expected} as the "
                + "server's. Someone else may have written this vault: compare it with another copy of the store. To "
                + "read it all the same, remove the line 'server-key:' from a copy of the kit.");
        return log;
    }

    private void Add(SignedLogEntry signed, BlobEntry blob)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(signed.Body.Span, MemberLogJson.Default.MemberLogEntry);
            if (signed.Kind == SignedLogEntry.FirstKind)
                Vault = new VaultId(entry?.Vault ?? throw new FormatException("it names no vault"));
            if (signed.Kind == "device-enrolled") AddDevice(entry);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw SignedLogEntry.Broken(blob.Name, exception);
        }
    }

    private void AddDevice(MemberLogEntry? entry)
    {
        if (entry is not { Device: { } device, SignKey: { } point })
            throw new FormatException("it names no device or no key of it");
        var key = VerifyingKey.Import(point);
        _names[device] = entry.Name ?? device.ToString();
        if (!_signKeys.TryGetValue(device, out var keys)) _signKeys.Add(device, keys = []);
        keys.Add(key);
    }
}

/// <summary>The members of a log entry that a restore needs.</summary>
internal sealed record MemberLogEntry(
    Guid? Device = null, string? Name = null, byte[]? SignKey = null, Guid? Vault = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MemberLogEntry))]
internal sealed partial class MemberLogJson : JsonSerializerContext;
