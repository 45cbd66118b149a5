using System.Buffers.Binary;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Intake.Sessions;

/// <summary>What a session token says.</summary>
/// <param name="SignKey">The key that opened the session: with another key in its place, the token is worth
/// nothing.</param>
internal sealed record SessionClaims(
    DeviceId Device, KeyId SignKey, Guid Session, SessionPurpose Purpose, DateTimeOffset Expires)
{
    private const byte Version = 1;
    private const int Bytes = 1 + 16 + KeyId.Bytes + 16 + 1 + sizeof(long);

    internal byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        bytes[0] = Version;
        Device.Value.TryWriteBytes(bytes.AsSpan(1), bigEndian: true, out _);
        SignKey.CopyTo(bytes.AsSpan(17));
        Session.TryWriteBytes(bytes.AsSpan(33), bigEndian: true, out _);
        bytes[49] = (byte)Purpose;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(50), Expires.ToUnixTimeMilliseconds());
        return bytes;
    }

    /// <summary>Reads what <see cref="ToArray"/> wrote, or answers <see langword="null"/>.</summary>
    internal static SessionClaims? Read(ReadOnlySpan<byte> bytes) => bytes.Length != Bytes || bytes[0] != Version
        ? null
        : new SessionClaims(
            new DeviceId(new Guid(bytes.Slice(1, 16), bigEndian: true)),
            new KeyId(bytes.Slice(17, KeyId.Bytes)),
            new Guid(bytes.Slice(33, 16), bigEndian: true),
            (SessionPurpose)bytes[49],
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[50..])));
}
