using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Devices;

/// <summary>Makes machines devices of a vault (docs/format/protocol.md §3).</summary>
internal sealed class DeviceEnrolment(
    IDbContextFactory<FleetDb> contexts, EnrolmentDesk desk, MemberLogs logs, VaultJournal journal,
    IKeyService keyService,
    KeyFile keys, MemberDirectory members)
{
    private const int Chunker = 1; // Keyed gear, docs/format/chunking.md.
    private const int VersionCharactersMax = 64;

    internal async Task<EnrolmentAnswer> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken)
    {
        var (answer, memberId) = await AdmitAsync(request, cancellationToken);
        // Asked for over another connection, so after the first one was given back: as many enrolments at once as there
        // are connections would else wait for each other. If it fails, the same request again has the same answer.
        var member = await members.FindMemberAsync(memberId, cancellationToken);
        return answer with { Member = member?.Name ?? "" };
    }

    private async Task<(EnrolmentAnswer Answer, MemberId Member)> AdmitAsync(
        EnrolmentRequest request, CancellationToken cancellationToken)
    {
        var hash = EnrolmentToken.Parse(request.Token).SecretHash;
        Demand(request);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var issued = await FindTokenAsync(db, hash, cancellationToken);
        // Refuses, with the reason.
        if (issued is null) await desk.TakeBackAsync(db, hash, DeviceId.New(), cancellationToken);

        var turn = await logs.TakeTurnAsync(db, issued!.VaultId, cancellationToken); // Not null: refused above.
        issued = await FindTokenAsync(db, hash, cancellationToken);
        var device = issued is { UsedAt: not null }
            ? await FindRepeatedAsync(db, issued, request, cancellationToken)
            : null;
        if (device is null)
        {
            device = issued!.ReplacesDeviceId ?? DeviceId.New();
            await desk.TakeBackAsync(db, hash, device.Value, cancellationToken);
            await AdmitAsync(turn, issued, device.Value, request, cancellationToken);
        }
        var answer = await AnswerAsync(db, issued!, device.Value, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return answer;
    }

    private async Task AdmitAsync(
        LogTurn turn, IssuedToken issued, DeviceId device, EnrolmentRequest request,
        CancellationToken cancellationToken)
    {
        await turn.AppendAsync(
            new DeviceEnrolled(
                device.Value, issued.DeviceName ?? request.Name, DeviceKindText.Of(issued.DeviceKind),
                request.Platform, request.SignKey, request.SealKey, request.MachineSecret,
                issued.ReplacesDeviceId?.Value, issued.TokenHash.ToString()),
            cancellationToken);
        var act = new VaultAct(
            $"device:{device}", "device-enrolled", issued.VaultId, new Dictionary<string, string>
            {
                ["device"] = device.ToString(),
                ["token"] = issued.TokenHash.ToString(),
                ["replaces"] = issued.ReplacesDeviceId?.ToString() ?? "",
            });
        await journal.AppendAsync(turn.Db, act, cancellationToken);
    }

    /// <summary>The device that this very request created before, when its answer was lost on the way.</summary>
    private static async Task<DeviceId?> FindRepeatedAsync(
        FleetDb db, IssuedToken issued, EnrolmentRequest request, CancellationToken cancellationToken)
    {
        var secret = new SecretId(request.MachineSecret);
        var same = from device in db.Devices
                   join own in db.Secrets
                       on new { device.VaultId, Ordinal = device.MachineSecretOrdinal }
                       equals new { own.VaultId, own.Ordinal }
                   where device.Id == issued.UsedByDeviceId && device.SignKey == request.SignKey
                       && device.HpkeKey == request.SealKey && own.SecretId == secret
                   select (DeviceId?)device.Id;
        return await same.SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The answer but for the member's name.</summary>
    private async Task<(EnrolmentAnswer Answer, MemberId Member)> AnswerAsync(
        FleetDb db, IssuedToken issued, DeviceId device, CancellationToken cancellationToken)
    {
        var vault = await db.Vaults.AsNoTracking().SingleAsync(row => row.Id == issued.VaultId, cancellationToken);
        var answer = new EnrolmentAnswer(
            device.Value, vault.Id.Value, Member: "", VaultModeText.Managed, Chunker, vault.GroupSecretId.Value,
            keyService.OpenGroupSecret(vault.Id, vault.GroupSecretWrapped),
            vault.RecoveryPublicKey, vault.ServicePublicKey,
            keys.SigningKey.PublicKey.ToArray(), issued.ReplacesDeviceId?.Value, issued.DeviceName);
        return (answer, vault.MemberId);
    }

    private static Task<IssuedToken?> FindTokenAsync(FleetDb db, Digest256 hash, CancellationToken cancellationToken) =>
        db.EnrolmentTokens.AsNoTracking().SingleOrDefaultAsync(row => row.TokenHash == hash, cancellationToken);

    private static void Demand(EnrolmentRequest request)
    {
        if (!VerifyingKey.TryImport(request.SignKey, out _)) throw Malformed("signKey is not a point of P-256");
        if (!HpkePublicKey.TryImport(request.SealKey, out _)) throw Malformed("sealKey is not a point of P-256");
        if (request.MachineSecret == Guid.Empty) throw Malformed("machineSecret is empty");
        if (!Device.IsName(request.Name)) throw Malformed("name is not 1 to 200 characters");
        if (!IsText(request.Platform, Device.NameCharactersMax)) throw Malformed("platform is not 1 to 200 characters");
        if (!IsText(request.AgentVersion, VersionCharactersMax))
            throw Malformed("agentVersion is not 1 to 64 characters");
    }

    private static bool IsText(string text, int charactersMax) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= charactersMax && !text.Any(char.IsControl);

    private static VaultException Malformed(string why) => new(
        ErrorCode.RequestMalformed, retryable: false, $"The enrolment is not understood: {why}. Update the agent.");
}
