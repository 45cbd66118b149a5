using System.Security.Cryptography;
using Beffroi.Vault;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Configuration;

/// <summary>The enrolment as its file has it. A person may edit the address, the authority and the name; keys and ids
/// are under a digest, since one wrong character in them would only show when a restore fails.</summary>
internal sealed record EnrolmentDocument
{
    internal const int CurrentVersion = 1;

    public required int Version { get; init; }
    public required string Server { get; init; }
    public string? AuthorityPem { get; init; }
    public required string DeviceName { get; init; }
    public required string MemberName { get; init; }
    public required Guid Vault { get; init; }
    public required Guid Device { get; init; }
    public required EnrolmentMode Mode { get; init; }
    public required byte Chunker { get; init; }
    public required byte[] SigningKey { get; init; }
    public required byte[] SealPrivateScalar { get; init; }
    public required Guid MachineSecretId { get; init; }
    public required byte[] MachineSecret { get; init; }
    public required Guid GroupSecretId { get; init; }
    public required byte[] GroupSecret { get; init; }
    public required byte[] RecoveryPublicKey { get; init; }
    public byte[]? KeyServicePublicKey { get; init; }
    public required byte[] ServerPublicKey { get; init; }

    /// <summary>SHA-256 of the ids and keys.</summary>
    public required string Digest { get; init; }

    internal static EnrolmentDocument From(Enrolment enrolment)
    {
        var document = new EnrolmentDocument
        {
            Version = CurrentVersion,
            Server = enrolment.Server.AbsoluteUri,
            AuthorityPem = enrolment.AuthorityPem,
            DeviceName = enrolment.DeviceName,
            MemberName = enrolment.MemberName,
            Vault = enrolment.Vault.Value,
            Device = enrolment.Device.Value,
            Mode = enrolment.Mode,
            Chunker = enrolment.Chunker,
            SigningKey = enrolment.SigningKey,
            SealPrivateScalar = enrolment.SealPrivateScalar,
            MachineSecretId = enrolment.MachineSecret.Id.Value,
            MachineSecret = enrolment.MachineSecret.Export(),
            GroupSecretId = enrolment.GroupSecret.Id.Value,
            GroupSecret = enrolment.GroupSecret.Export(),
            RecoveryPublicKey = enrolment.RecoveryPublicKey,
            KeyServicePublicKey = enrolment.KeyServicePublicKey,
            ServerPublicKey = enrolment.ServerPublicKey,
            Digest = "",
        };
        return document with { Digest = document.ComputeDigest() };
    }

    internal Enrolment ToEnrolment() => new()
    {
        Server = new Uri(Server),
        AuthorityPem = AuthorityPem,
        DeviceName = DeviceName,
        MemberName = MemberName,
        Vault = new VaultId(Vault),
        Device = new DeviceId(Device),
        Mode = Mode,
        Chunker = Chunker,
        SigningKey = SigningKey,
        SealPrivateScalar = SealPrivateScalar,
        MachineSecret = new ConvergenceSecret(new SecretId(MachineSecretId), MachineSecret),
        GroupSecret = new ConvergenceSecret(new SecretId(GroupSecretId), GroupSecret),
        RecoveryPublicKey = RecoveryPublicKey,
        KeyServicePublicKey = KeyServicePublicKey,
        ServerPublicKey = ServerPublicKey,
    };

    /// <summary>What is wrong with it, or null.</summary>
    internal string? FindFault()
    {
        if (Version != CurrentVersion) return $"it has version {Version}, this program knows version {CurrentVersion}";
        if (!Uri.TryCreate(Server, UriKind.Absolute, out var server) || server.Scheme is not ("https" or "http"))
            return "'server' is no http or https address";
        if (!Enum.IsDefined(Mode)) return "'mode' is unknown";
        if (SigningKey.Length == 0) return "'signingKey' is empty";
        if (SealPrivateScalar.Length != Enrolment.PrivateScalarBytes) return "'sealPrivateScalar' has a wrong length";
        if (MachineSecret.Length != ConvergenceSecret.Bytes) return "'machineSecret' has a wrong length";
        if (GroupSecret.Length != ConvergenceSecret.Bytes) return "'groupSecret' has a wrong length";
        if (RecoveryPublicKey.Length != Enrolment.PublicKeyBytes) return "'recoveryPublicKey' has a wrong length";
        if (ServerPublicKey.Length != Enrolment.PublicKeyBytes) return "'serverPublicKey' has a wrong length";
        if (!HasFittingKeyService) return "'keyServicePublicKey' does not fit the mode";
        return Digest == ComputeDigest() ? null : "its keys or ids were changed since it was written";
    }

    private bool HasFittingKeyService => Mode == EnrolmentMode.Managed
        ? KeyServicePublicKey?.Length == Enrolment.PublicKeyBytes
        : KeyServicePublicKey is null;

    private string ComputeDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[][] parts =
        [
            [(byte)Mode, Chunker], Vault.ToByteArray(), Device.ToByteArray(), SigningKey, SealPrivateScalar,
            MachineSecretId.ToByteArray(), MachineSecret, GroupSecretId.ToByteArray(), GroupSecret,
            RecoveryPublicKey, KeyServicePublicKey ?? [], ServerPublicKey,
        ];
        foreach (var part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part.Length)); // So that no byte can move from one part to the next.
            hash.AppendData(part);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
