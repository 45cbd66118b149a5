using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
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
        var (number, previous) = (0L, default(Digest256));
        try
        {
            await foreach (var blob in store.ListAsync(logPrefix, startAfter: null, cancellationToken))
            {
                var bytes = new byte[blob.Bytes];
                await store.ReadAsync(blob.Name, 0, bytes, cancellationToken);
                log.Add(bytes, ++number, previous);
                previous = Digest256.Of(bytes);
            }
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.LogBroken)
        {
            log.Fault = exception.Message;
        }
        if (number == 0)
            log.Fault = "The vault's log is not there. Snapshots can still be read; who signed them cannot be checked.";
        if (anchor is { } expected && log.ServerKey is { } found && found.KeyId != expected)
            throw new VaultException(ErrorCode.LogBroken, retryable: false,
                $"The vault's log is signed by the key {found.KeyId}, and the recovery kit names {expected} as the "
                + "server's. Someone else may have written this vault: compare it with another copy of the store. To "
                + "read it all the same, remove the line 'server-key:' from a copy of the kit.");
        return log;
    }

    private void Add(byte[] blob, long number, Digest256 previous)
    {
        var end = Array.IndexOf(blob, (byte)'\n');
        if (end < 0 || blob[^1] != '\n') throw Broken(number, "it is not two lines");
        var body = blob.AsSpan(0, end);
        var entry = Parse(body, number);
        if (entry.Version != 1) throw Broken(number, $"version {entry.Version} is not known");
        if (entry.N != number) throw Broken(number, $"it says that it is entry {entry.N}; one is missing");
        if (!string.Equals(entry.Previous, previous.ToString(), StringComparison.Ordinal))
            throw Broken(number, "it does not follow the one before");
        if (!VerifyingKey.TryImport(entry.ServerKey, out var key)) throw Broken(number, "its server key is no key");
        ServerKey ??= key;
        if (!key.Equals(ServerKey) || !key.Verify(body, Signature(blob.AsSpan(end + 1), number)))
            throw Broken(number, "its signature does not verify");
        var isFirst = entry.Kind == "vault-created";
        if (isFirst != (number == 1)) throw Broken(number, "the vault's creation is the first entry, and no other");
        if (isFirst) Vault = new VaultId(entry.Vault ?? throw Broken(number, "it names no vault"));
        if (entry is not { Kind: "device-enrolled", Device: { } device, SignKey: { } signKey }) return;
        if (!VerifyingKey.TryImport(signKey, out var deviceKey)) throw Broken(number, "its device key is no key");
        _names[device] = entry.Name ?? device.ToString();
        if (!_signKeys.TryGetValue(device, out var keys)) _signKeys.Add(device, keys = []);
        keys.Add(deviceKey);
    }

    private static MemberLogEntry Parse(ReadOnlySpan<byte> body, long number)
    {
        try
        {
            return JsonSerializer.Deserialize(body, MemberLogJson.Default.MemberLogEntry)
                ?? throw Broken(number, "it is empty");
        }
        catch (JsonException exception)
        {
            throw Broken(number, exception.Message);
        }
    }

    private static byte[] Signature(ReadOnlySpan<byte> line, long number)
    {
        var signature = new byte[VerifyingKey.SignatureBytes];
        return Convert.TryFromBase64String(System.Text.Encoding.ASCII.GetString(line[..^1]), signature, out var length)
            && length == signature.Length
            ? signature
            : throw Broken(number, "its second line is no signature");
    }

    private static VaultException Broken(long number, string why) => new(ErrorCode.LogBroken, retryable: false,
        $"Entry {number} of the vault's log cannot be trusted: {why}. Snapshots can still be read; who signed them "
        + "cannot be checked.");
}

/// <summary>The members of a log entry that a restore needs.</summary>
internal sealed record MemberLogEntry(
    int Version, long N, string Previous, string Kind, byte[] ServerKey, Guid? Device = null, string? Name = null,
    byte[]? SignKey = null, Guid? Vault = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MemberLogEntry))]
internal sealed partial class MemberLogJson : JsonSerializerContext;
