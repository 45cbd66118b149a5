using Beffroi.Vault.Crypto;

namespace Beffroi.Intake;

/// <summary>The secrets that the intake works with.</summary>
/// <param name="Server">Countersigns commits.</param>
/// <param name="SessionKey">32 bytes that seal challenges and session tokens. Every server of a cluster has the same,
/// so that a session opened on one is known to all without a table.</param>
public sealed record IntakeKeys(SigningKey Server, byte[] SessionKey)
{
    /// <summary>Never the keys.</summary>
    public override string ToString() => $"keys of server {Server.PublicKey.KeyId}";
}
