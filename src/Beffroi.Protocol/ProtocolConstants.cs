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

    /// <summary>Most unreadable paths in the report of a run; its counts have the true number.</summary>
    public const int ReportedPathsMax = 100;

    /// <summary>Most warnings in the report of a run.</summary>
    public const int ReportedWarningsMax = 50;

    /// <summary>Most refusals in the report of a run.</summary>
    public const int ReportedRefusalsMax = 20;

    /// <summary>Longest path or sentence in a report, in characters.</summary>
    public const int ReportedCharactersMax = 500;

    /// <summary>Most folders outside every plan in one check-in.</summary>
    public const int UncoveredMax = 50;

    /// <summary>Bytes of the longest message.</summary>
    public const int MessageBytesMax = 64 << 10;

    /// <summary>What a device signs to open a session.</summary>
    public static byte[] SessionProof(Guid device, ReadOnlySpan<byte> challenge) =>
        [.. "beffroi session v1"u8, .. device.ToByteArray(bigEndian: true), .. challenge];
}
