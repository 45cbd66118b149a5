using System.CommandLine;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Buffers;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi ls': what a snapshot holds.</summary>
internal sealed class LsCommand : Command
{
    internal LsCommand(AgentContext context)
        : base(
            "ls",
            "List what a snapshot holds at a path. Exit codes: 0 done, 1 no such snapshot or path, 10 not enrolled, 11 "
            + "server unreachable, 20 damage found.")
    {
        var snapshot = SharedOptions.Snapshot();
        var path = new Argument<string?>("PATH")
        {
            Description = "Where; everything from the top by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "List what lies below, too." };
        var (json, key, packs) = (SharedOptions.Json(), SharedOptions.RecoveryKey(), SharedOptions.Packs());
        Arguments.Add(snapshot);
        Arguments.Add(path);
        Option[] options = [recursive, json, key, packs];
        foreach (var option in options) Options.Add(option);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            context.Terminal, parsed.GetValue(json), async () =>
        {
            await using var access = await context.OpenSnapshotsAsync(
                parsed.GetValue(key), parsed.GetValue(packs), SessionPurpose.Restore, cancellationToken);
            var open = await access.OpenAsync(parsed.GetRequiredValue(snapshot), cancellationToken);
            var top = parsed.GetValue(path) is { } given ? SharedOptions.SnapshotPath(given) : default;
            using var records = new RecordReader(open.Records, new BufferPool());
            var found = false;
            await foreach (var entry in new CatalogueReader(records)
                .ReadAsync(open.Root, top, unreadable: null, cancellationToken))
            {
                found = true;
                if (!parsed.GetValue(recursive) && entry.Path.Depth > top.Depth + 1) continue;
                Show(context, entry, parsed.GetValue(json));
            }
            if (!found && !top.IsEmpty)
                throw new VaultException(ErrorCode.PathNotInSnapshot, retryable: false,
                    $"The snapshot has nothing at '/{top}'. 'beffroi ls {parsed.GetValue(snapshot)}' shows what "
                    + "it has.");
            return ExitCode.Done;
        }));
    }

    private static void Show(AgentContext context, Entry entry, bool json)
    {
        if (json)
        {
            context.Terminal.WriteJson(EntryText.Line(entry), CliJson.Default.EntryLine);
            return;
        }
        var target = entry.LinkTarget.IsEmpty ? "" : $" -> {Terminal.Show(entry.LinkTarget.Span)}";
        context.Terminal.WriteLine(
            $"{EntryText.Mode(entry)}  {entry.UserName ?? $"{entry.UserId}",-10} "
            + $"{entry.GroupName ?? $"{entry.GroupId}",-10} {Quantity.Bytes(entry.Bytes),10}  "
            + $"{Quantity.Time(EntryText.Modified(entry), context.Time.LocalTimeZone)}  "
            + $"/{Terminal.Show(entry.Path)}{target}");
    }
}
