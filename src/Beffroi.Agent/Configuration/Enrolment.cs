using Beffroi.Vault;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Configuration;

/// <summary>Who, besides the device, can open the member's snapshots.</summary>
internal enum EnrolmentMode
{
    /// <summary>The member's recovery key and the operator's key service.</summary>
    Managed = 1,
    /// <summary>The member's recovery key alone.</summary>
    ZeroKnowledge = 2,
}

/// <summary>What a computer received when it was enrolled, its private keys included.</summary>
internal sealed record Enrolment
{
    /// <summary>Length of a P-256 point, uncompressed.</summary>
    internal const int PublicKeyBytes = 65;

    /// <summary>Length of a P-256 scalar.</summary>
    internal const int PrivateScalarBytes = 32;

    public required Uri Server { get; init; }

    /// <summary>The only authority to trust for the server's certificate, or null for those of the system.</summary>
    public string? AuthorityPem { get; init; }

    public required VaultId Vault { get; init; }
    public required DeviceId Device { get; init; }
    public required string DeviceName { get; init; }

    /// <summary>Name of the member, as lists show it.</summary>
    public required string MemberName { get; init; }

    public required EnrolmentMode Mode { get; init; }

    /// <summary>PKCS#8; signs commits and sessions.</summary>
    public required byte[] SigningKey { get; init; }

    /// <summary>Opens what the key service re-seals to this device.</summary>
    public required byte[] SealPrivateScalar { get; init; }

    public required ConvergenceSecret MachineSecret { get; init; }
    public required ConvergenceSecret GroupSecret { get; init; }
    public required byte[] RecoveryPublicKey { get; init; }

    /// <summary>Null when <see cref="Mode"/> has no key service.</summary>
    public byte[]? KeyServicePublicKey { get; init; }

    /// <summary>Countersigns the commits: the proof that a snapshot is stored.</summary>
    public required byte[] ServerPublicKey { get; init; }

    /// <summary>Id of the chunker, as in the format.</summary>
    public required byte Chunker { get; init; }

    /// <summary>Nothing secret: it may reach a log.</summary>
    public override string ToString() => $"device {Device} ({DeviceName}) of vault {Vault} at {Server}";
}
