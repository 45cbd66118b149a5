using System.CommandLine;
using Beffroi.Agent.Snapshots;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Recovery;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi kit': what concerns the recovery kit.</summary>
internal sealed class KitCommand : Command
{
    internal KitCommand(AgentContext context) : base("kit", "What concerns the member's recovery kit.") =>
        Subcommands.Add(Check(context));

    private static Command Check(AgentContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The kit's file, or a text file with its words." };
        var packs = SharedOptions.Packs();
        packs.Description = "Folder with the vault's blobs: check against these instead of the server.";
        var json = SharedOptions.Json();
        var command = new Command(
            "check", "Prove that a recovery kit fits: its words are right, and it opens the newest snapshot. "
            + "Exit codes: 0 it fits, 1 it does not, 10 not enrolled, 11 server unreachable.") { file, packs, json };
        command.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            var path = parsed.GetRequiredValue(file);
            using var kit = KitFile.Read(path);
            var snapshot = parsed.GetValue(packs) is { } folder
                ? await OpenFromPacksAsync(context, path, folder, cancellationToken)
                : await OpenFromServerAsync(context, kit, cancellationToken);
            Show(context.Terminal, kit, snapshot, parsed.GetValue(json));
            return ExitCode.Done;
        }));
        return command;
    }

    private static async Task<SnapshotInfo?> OpenFromPacksAsync(
        AgentContext context, string path, string folder, CancellationToken cancellationToken)
    {
        await using var snapshots = await KitSnapshots.OpenAsync(
            path, folder, new BufferPool(), context.Terminal.Note, cancellationToken);
        if (await snapshots.ListAsync(cancellationToken) is not [var newest, ..]) return null;
        await snapshots.OpenAsync(newest, cancellationToken);
        return newest;
    }

    private static async Task<SnapshotInfo?> OpenFromServerAsync(
        AgentContext context, RecoveryKit kit, CancellationToken cancellationToken)
    {
        var enrolment = context.LoadEnrolment();
        var expected = HpkePublicKey.Import(enrolment.RecoveryPublicKey).KeyId;
        if (kit.Key.PublicKey.KeyId != expected)
            throw new VaultException(ErrorCode.KitForeign, retryable: false,
                $"This recovery kit (key {kit.Key.PublicKey.KeyId}) does not fit this computer's vault, whose recovery "
                + $"key is {expected}. Look for the kit of {enrolment.MemberName}.");
        var serverKey = VerifyingKey.Import(enrolment.ServerPublicKey).KeyId;
        if (kit.ServerKey is { } named && named != serverKey)
            throw new VaultException(ErrorCode.KitForeign, retryable: false,
                $"This recovery kit opens the vault, but names {named} as the server's key, and this computer's server "
                + $"signs with {serverKey}. Ask the operator which one is right before you trust either.");
        await using var connection = context.Connect(enrolment);
        await using var session = await context.OpenSessionAsync(
            connection, enrolment, SessionPurpose.Query, new BufferPool(), cancellationToken);
        await using var snapshots = new ServerSnapshots(session, enrolment);
        if (await snapshots.ListAsync(cancellationToken) is not [var newest, ..]) return null;
        var receipt = await session.GetCommitAsync(newest.Id, cancellationToken);
        KitSnapshots.OpenRootKey(kit, receipt.Machine.Commit);
        return newest;
    }

    private static void Show(Terminal terminal, RecoveryKit kit, SnapshotInfo? snapshot, bool json)
    {
        if (json)
        {
            terminal.WriteJson(new KitLine(
                kit.Key.PublicKey.KeyId.ToString(), kit.ServerKey?.ToString(), kit.Vault?.ToString(), kit.MemberName,
                Fits: true, snapshot?.Id.ToString()), CliJson.Default.KitLine);
            return;
        }
        terminal.WriteLine(snapshot is null
            ? "The kit's words are right and its key is the vault's. There is no snapshot yet to open with it."
            : $"The kit fits: it opened the key of snapshot {snapshot.Id.ToString()[..12]}, stored "
                + $"{Quantity.Time(snapshot.Received, TimeZoneInfo.Local)}.");
        terminal.WriteLine(kit.ServerKey is null
            ? "It does not name the server's key: with it alone, nobody could prove who wrote the vault."
            : "It names the server's key, and the server's signatures are of that key.");
        terminal.WriteLine("Put it back where it is kept.");
    }
}
