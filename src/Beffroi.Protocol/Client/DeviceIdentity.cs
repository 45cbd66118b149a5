using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Protocol.Client;

/// <summary>Who this machine is, as its enrolment made it.</summary>
/// <param name="Device">Its id.</param>
/// <param name="SignKey">Proves it to the server. Stays the caller's.</param>
/// <param name="ServerKey">Key with which the server countersigns commits.</param>
/// <param name="AgentVersion">Version of this program.</param>
public sealed record DeviceIdentity(DeviceId Device, SigningKey SignKey, VerifyingKey ServerKey, string AgentVersion);

/// <summary>What a session is for; the server writes it to the member's log.</summary>
public enum SessionPurpose
{
    /// <summary>To store a snapshot.</summary>
    Backup,
    /// <summary>To read one back.</summary>
    Restore,
    /// <summary>To ask.</summary>
    Query,
    /// <summary>To hear of plans and orders, and to report.</summary>
    Plan,
}
