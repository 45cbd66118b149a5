using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Protocol.Client;

/// <summary>A machine that has just been enrolled.</summary>
/// <param name="Answer">What the server said; its keys are points of the curve.</param>
/// <param name="AuthorityPem">The authority to pin from now on; null with a public certificate.</param>
public sealed record EnrolmentResult(EnrolmentAnswer Answer, string? AuthorityPem);

/// <summary>Makes this computer known to a server. The only request that needs a token and no session.</summary>
/// <param name="connection">The way to the server.</param>
/// <param name="retry">Patience. Asking again with the same token and keys is safe.</param>
public sealed class EnrolmentClient(ServerConnection connection, RetryPolicy retry)
{
    /// <summary>Enrols this computer.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.TokenInvalid"/>, <see cref="ErrorCode.TokenUsed"/>,
    /// <see cref="ErrorCode.TokenExpired"/>, and what every request may meet.</exception>
    public async Task<EnrolmentResult> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = ServerCall.PostJson("v1/enrolments", request, ProtocolJson.Default.EnrolmentRequest);
        var answer = await retry.RunAsync(Ask, cancellationToken).ConfigureAwait(false);
        Check(answer);
        return new EnrolmentResult(answer, connection.AuthorityPem);

        ValueTask<EnrolmentAnswer> Ask(CancellationToken token) => connection.CallAsync(
            call, bearer: null, read => read.ReadJsonAsync(ProtocolJson.Default.EnrolmentAnswer), token);
    }

    // Found out now, not by the first backup, whose seals nobody could open.
    private void Check(EnrolmentAnswer answer)
    {
        if (answer.GroupSecret.Length != Digest256.Bytes)
            throw connection.Malformed("its group secret does not have 32 bytes");
        if (!VerifyingKey.TryImport(answer.ServerKey, out _)) throw NotAPoint("server key");
        if (!HpkePublicKey.TryImport(answer.RecoveryKey, out _)) throw NotAPoint("recovery key");
        var hasService = answer.Mode == "managed" || answer.ServiceKey.Length > 0;
        if (hasService && !HpkePublicKey.TryImport(answer.ServiceKey, out _)) throw NotAPoint("service key");
    }

    private VaultException NotAPoint(string key) => connection.Malformed($"its {key} is not a point of P-256");
}
