using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Beffroi.Intake.Failures;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Sessions;

/// <summary>Opens sessions and admits their requests. Keeps nothing: challenges and tokens are sealed, and each request
/// reads the device anew, so that a revocation counts at once.</summary>
internal sealed class SessionDesk(IntakeKeys keys, IntakeOptions options, IDeviceDirectory devices, TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private const int NonceBytes = 16;
    private const int ChallengeBytes = 16 + NonceBytes + sizeof(long);

    private static readonly TimeSpan ChallengeLifetime = TimeSpan.FromMinutes(2);

    private readonly SealedText _challenges = new(keys.SessionKey, [.. "beffroi challenge v1"u8]);
    private readonly SealedText _tokens = new(keys.SessionKey, [.. "beffroi session token v1"u8]);

    /// <summary>Bytes for a device to sign. Made for any id: who asks must not learn which devices exist.</summary>
    internal byte[] Challenge(DeviceId device)
    {
        Span<byte> content = stackalloc byte[ChallengeBytes];
        device.Value.TryWriteBytes(content, bigEndian: true, out _);
        RandomNumberGenerator.Fill(content.Slice(16, NonceBytes));
        var expires = time.GetUtcNow() + ChallengeLifetime;
        BinaryPrimitives.WriteInt64BigEndian(content[^sizeof(long)..], expires.ToUnixTimeMilliseconds());
        return _challenges.Seal(content);
    }

    /// <summary>Opens a session for a device that has signed its challenge.</summary>
    /// <exception cref="Refusal">403: not the device, or too late.</exception>
    internal async Task<(string Token, KnownDevice Device)> OpenAsync(
        SessionRequest request, CancellationToken cancellationToken)
    {
        var purpose = SessionPurposeText.TryParse(request.Purpose) ?? throw Refusal.Malformed(
            $"'{request.Purpose}' is no purpose of a session; use backup, restore, query or plan.");
        var id = new DeviceId(request.Device);
        if (!IsValid(request.Challenge, id))
            throw Refused(StatusCodes.Status403Forbidden, "its challenge is too old or not ours");

        var device = await devices.FindAsync(id, cancellationToken);
        var proof = ProtocolConstants.SessionProof(request.Device, request.Challenge);
        if (device is null || !device.SignKey.Verify(proof, request.Signature))
            throw Refused(StatusCodes.Status403Forbidden,
                "no device of this server has signed the challenge, or another computer has taken its place");

        DemandAdmitted(device);
        var session = new Guid(RandomNumberGenerator.GetBytes(16));
        var expires = time.GetUtcNow() + options.SessionLifetime;
        var claims = new SessionClaims(id, device.SignKey.KeyId, session, purpose, expires);
        return (Base64Url.EncodeToString(_tokens.Seal(claims.ToArray())), device);
    }

    /// <summary>The session of a request.</summary>
    /// <exception cref="Refusal">401: the token is missing, too old or void; 403: the device has been
    /// revoked, or the session is for something else.</exception>
    internal async ValueTask<Session> AdmitAsync(HttpContext context)
    {
        var claims = ReadToken(context.Request.Headers.Authorization.ToString());
        if (claims is null || claims.Expires <= time.GetUtcNow()) throw Unauthorized();

        var device = await devices.FindAsync(claims.Device, context.RequestAborted) ?? throw Unauthorized();
        if (device.SignKey.KeyId != claims.SignKey) throw Unauthorized();

        DemandAdmitted(device);
        ServedPurposes.Demand(context, claims.Purpose);
        return new Session(device, claims.Session, claims.Purpose);
    }

    private bool IsValid(ReadOnlySpan<byte> challenge, DeviceId device)
    {
        var content = _challenges.Open(challenge);
        if (content.Length != ChallengeBytes || new Guid(content[..16], bigEndian: true) != device.Value) return false;

        var expires = DateTimeOffset.FromUnixTimeMilliseconds(
            BinaryPrimitives.ReadInt64BigEndian(content[^sizeof(long)..]));
        return time.GetUtcNow() < expires;
    }

    private SessionClaims? ReadToken(string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;

        var text = authorization.AsSpan(Scheme.Length).Trim();
        return Base64Url.IsValid(text) ? SessionClaims.Read(_tokens.Open(Base64Url.DecodeFromChars(text))) : null;
    }

    private static void DemandAdmitted(KnownDevice device)
    {
        if (!device.IsRevoked) return;

        throw new VaultException(
            ErrorCode.DeviceRevoked,
            retryable: false,
            $"Device {device.Id} has been shut out of its vault. If that is a mistake, ask your administrator for a "
                + "token made with --replace and enrol again: the snapshots are still there.");
    }

    private static Refusal Unauthorized() => Refused(
        StatusCodes.Status401Unauthorized,
        "its session is missing, too old, or was opened with a key that has been replaced");

    private static Refusal Refused(int status, string why) => new(
        status, ErrorCode.SessionRefused, retryable: false,
        $"The server does not accept this device: {why}. If the agent cannot open a new session, enrol this computer "
            + "again.");
}
