namespace Beffroi.Protocol;

/// <summary>Names and bounds that agent and server share (docs/format/protocol.md).</summary>
public static class ProtocolConstants
{
    /// <summary>The version this program speaks.</summary>
    public const int Version = 1;

    /// <summary>Header that carries the version.</summary>
    public const string VersionHeader = "Beffroi-Protocol";

    /// <summary>Most ids in one question whether records are stored.</summary>
    public const int HaveIdsMax = 8192;

    /// <summary>Most records in one request to read.</summary>
    public const int RecordIdsMax = 4096;

    /// <summary>Length that stands for a damaged record in an answer.</summary>
    public const uint DamagedRecordLength = 0xFFFF_FFFF;

    /// <summary>Most missing or damaged ids in one answer.</summary>
    public const int ListedIdsMax = 1000;

    /// <summary>What a device signs to open a session.</summary>
    public static byte[] SessionProof(Guid device, ReadOnlySpan<byte> challenge) =>
        [.. "beffroi session v1"u8, .. device.ToByteArray(bigEndian: true), .. challenge];
}
