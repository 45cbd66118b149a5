using Beffroi.Agent.Configuration;
using Beffroi.Agent.Snapshots;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Crypto;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Commands;

/// <summary>What every command works with: where the agent lives, the clock, the screen, the way to the
/// server.</summary>
internal sealed class AgentContext(AgentHome home, TimeProvider time, Terminal terminal)
{
    /// <summary>Version of this program.</summary>
    internal static string Version { get; } = typeof(AgentContext).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    internal AgentHome Home => home;

    internal TimeProvider Time => time;

    internal Terminal Terminal => terminal;

    internal Enrolment LoadEnrolment() => EnrolmentFile.Load(home);

    internal AgentSettings LoadSettings() => AgentSettings.Load(home);

    /// <summary>How long to go on trying, and what the person sees meanwhile.</summary>
    internal RetryPolicy Patience(TimeSpan patience) => new(
        patience, time, new Random(), wait => terminal.Note(
            $"{wait.Reason.Message} Trying again in {Quantity.Duration(wait.Delay)}."));

    /// <summary>The way to the server of the enrolment.</summary>
    /// <param name="enrolment">Which server.</param>
    /// <param name="uploadLimit">Bytes per second; null for what the settings say.</param>
    internal ServerConnection Connect(Enrolment enrolment, long? uploadLimit = null)
    {
        var settings = LoadSettings();
        return new ServerConnection(OptionsFor(enrolment.Server, settings) with
        {
            PinnedAuthorityPem = enrolment.AuthorityPem,
            UploadBytesPerSecond = uploadLimit ?? settings.UploadBytesPerSecondMax ?? 0,
        });
    }

    /// <summary>The way to a server before there is an enrolment.</summary>
    internal ServerConnection ConnectFirst(Uri server, EnrolmentToken token) =>
        new(OptionsFor(server, LoadSettings()) with { AuthorityFingerprint = token.Authority });

    private ServerConnectionOptions OptionsFor(Uri server, AgentSettings settings) => new()
    {
        Server = server,
        UserAgent = $"beffroi/{Version}",
        Time = time,
        Proxy = settings.Proxy is { } proxy ? ProxyChoice.Through(proxy) : ProxyChoice.System,
    };

    /// <summary>Opens a session as this device.</summary>
    internal async Task<DeviceSession> OpenSessionAsync(
        ServerConnection connection, Enrolment enrolment, SessionPurpose purpose, BufferPool pool,
        CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var signKey = SigningKey.ImportPkcs8(enrolment.SigningKey);
        var identity = new DeviceIdentity(
            enrolment.Device, signKey, VerifyingKey.Import(enrolment.ServerPublicKey), Version);
        patience ??= purpose == SessionPurpose.Query ? RetryPolicy.QueryPatience : RetryPolicy.BackupPatience;
        return await DeviceSession.OpenAsync(
            connection, identity, purpose, Patience(patience.Value), pool, cancellationToken);
    }

    /// <summary>Opens the snapshots that a command names: with a recovery kit and packs, or through the
    /// server.</summary>
    internal async Task<SnapshotAccess> OpenSnapshotsAsync(
        string? recoveryKey, string? packs, SessionPurpose purpose, CancellationToken cancellationToken)
    {
        var pool = new BufferPool();
        if (recoveryKey is not null && packs is not null)
        {
            var kit = await KitSnapshots.OpenAsync(recoveryKey, packs, pool, terminal.Note, cancellationToken);
            return new SnapshotAccess(kit, connection: null);
        }
        if (recoveryKey is not null || packs is not null)
            throw new VaultException(
                ErrorCode.UsageInvalid, retryable: false, "--recovery-key and --packs go together.");
        var enrolment = LoadEnrolment();
        var connection = Connect(enrolment);
        try
        {
            var session = await OpenSessionAsync(connection, enrolment, purpose, pool, cancellationToken);
            return new SnapshotAccess(new ServerSnapshots(session, enrolment), connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}

/// <summary>Snapshots, and the connection that they need, if any.</summary>
internal sealed class SnapshotAccess(ISnapshots snapshots, ServerConnection? connection) : IAsyncDisposable
{
    internal ISnapshots Snapshots => snapshots;

    /// <summary>Opens the snapshot of that name.</summary>
    internal async Task<OpenSnapshot> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var list = await snapshots.ListAsync(cancellationToken);
        return await snapshots.OpenAsync(SnapshotName.Find(list, name), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await snapshots.DisposeAsync();
        if (connection is not null) await connection.DisposeAsync();
    }
}
