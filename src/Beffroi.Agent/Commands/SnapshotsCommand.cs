using System.CommandLine;
using Beffroi.Agent.Snapshots;
using Beffroi.Protocol.Client;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi snapshots': lists them.</summary>
internal sealed class SnapshotsCommand : Command
{
    internal SnapshotsCommand(AgentContext context)
        : base(
            "snapshots",
            "List this computer's snapshots, newest first. Exit codes: 0 done, 10 not enrolled, 11 server unreachable.")
    {
        var (json, key, packs) = (SharedOptions.Json(), SharedOptions.RecoveryKey(), SharedOptions.Packs());
        Options.Add(json);
        Options.Add(key);
        Options.Add(packs);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            await using var access = await context.OpenSnapshotsAsync(
                parsed.GetValue(key), parsed.GetValue(packs), SessionPurpose.Query, cancellationToken);
            var list = await access.Snapshots.ListAsync(cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.WriteJson(new SnapshotLines([.. list.Select(LineOf)]), CliJson.Default.SnapshotLines);
            else ShowTable(context, list);
            return ExitCode.Done;
        }));
    }

    private static SnapshotLine LineOf(SnapshotInfo info) => new(
        info.Id.ToString(), info.Sequence, info.Device, info.Taken, info.Received, info.Files, info.Directories,
        info.LogicalBytes, info.NewBytes, info.Unreadable);

    private static void ShowTable(AgentContext context, IReadOnlyList<SnapshotInfo> list)
    {
        if (list.Count == 0)
        {
            context.Terminal.WriteLine("There is no snapshot yet. Take one with 'beffroi backup PATH'.");
            return;
        }
        context.Terminal.WriteLine(
            $"{"ID",-12}  {"STORED",-19}  {"COMPUTER",-16}  {"FILES",9}  {"SIZE",10}  {"ADDED",10}  PROBLEMS");
        foreach (var info in list)
        {
            context.Terminal.WriteLine(
                $"{info.Id.ToString()[..12],-12}  {Quantity.Time(info.Received, context.Time.LocalTimeZone),-19}  "
                + $"{Shorten(info.Device, 16),-16}  {Quantity.Count(info.Files),9}  "
                + $"{Quantity.Bytes(info.LogicalBytes),10}  {Quantity.Bytes(info.NewBytes),10}  "
                + $"{(info.Unreadable == 0 ? "-" : Quantity.Count(info.Unreadable))}");
        }
    }

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
