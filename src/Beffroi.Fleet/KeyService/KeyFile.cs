using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Beffroi.Intake;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Fleet.KeyService;

/// <summary>The server's own keys, in a file outside the database and the blob store: who steals those two reads
/// nothing.</summary>
/// <remarks>Without it the operator can neither enrol a machine nor help with a restore; the members' recovery kits
/// still open everything.</remarks>
public sealed class KeyFile : IDisposable
{
    private const int Version = 1;

    private readonly byte[] _wrappingKey;

    private KeyFile(byte[] wrappingKey, SigningKey signingKey) =>
        (_wrappingKey, SigningKey) = (wrappingKey, signingKey);

    /// <summary>Countersigns commits and the members' logs.</summary>
    public SigningKey SigningKey { get; }

    /// <summary>Keeps the vaults' keys; for the key service alone.</summary>
    internal ReadOnlySpan<byte> WrappingKey => _wrappingKey;

    /// <summary>What the intake works with; its session key follows from the wrapping key, so that nothing else need be
    /// kept.</summary>
    internal IntakeKeys CreateIntakeKeys() => new(
        SigningKey,
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256, _wrappingKey, KeyWrap.WrappingKeyBytes, info: [.. "beffroi sessions v1"u8]));

    /// <summary>Reads the keys.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.KeyFileMissing"/>: the file is absent or
    /// damaged.</exception>
    public static KeyFile Load(string path)
    {
        try
        {
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), KeyFileJson.Default.KeyFileContent)
                ?? throw new JsonException("It is empty.");
            return Read(content);
        }
        catch (Exception exception) when (exception
            is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new VaultException(
                ErrorCode.KeyFileMissing,
                retryable: false,
                $"The server's key file '{path}' cannot be used: {exception.Message} Put it back from your backup of "
                    + "the keys "
                    + "folder. Without it this server opens no vault; the members' recovery kits still do.",
                exception);
        }
    }

    /// <summary>Makes new keys and writes them, durably and readable by the owner alone, unless a file is
    /// there.</summary>
    public static void CreateIfAbsent(string path, TimeProvider time)
    {
        if (File.Exists(path)) return;

        using var signingKey = SigningKey.Generate();
        var content = new KeyFileContent(
            Version, RandomNumberGenerator.GetBytes(KeyWrap.WrappingKeyBytes), signingKey.ExportPkcs8(),
            time.GetUtcNow());
        // Of two processes at once one is first; its keys are the keys.
        DurableFile.WriteNew(path, JsonSerializer.SerializeToUtf8Bytes(content, KeyFileJson.Default.KeyFileContent));
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_wrappingKey);
        SigningKey.Dispose();
    }

    private static KeyFile Read(KeyFileContent content)
    {
        if (content.Version != Version) throw new FormatException($"Its version is {content.Version}, not {Version}.");
        if (content.WrappingKey.Length != KeyWrap.WrappingKeyBytes)
            throw new FormatException("Its wrapping key is cut.");

        return new KeyFile(content.WrappingKey, SigningKey.ImportPkcs8(content.SigningKey));
    }
}

/// <summary>The file as written: binary members in base64.</summary>
internal sealed record KeyFileContent(int Version, byte[] WrappingKey, byte[] SigningKey, DateTimeOffset CreatedAt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(KeyFileContent))]
internal sealed partial class KeyFileJson : JsonSerializerContext;
