using System.CommandLine;
using Beffroi.Fleet.Orders;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

/// <param name="IsNew">Whether it was asked for now; else the same waits already.</param>
internal sealed record OrderAnswer(Guid OrderId, bool IsNew);

/// <summary>'order': asks a machine to back up now, or to restore a snapshot of its member.</summary>
internal sealed class OrderWork : AdminVerb<OrderAnswer>
{
    private readonly Option<Guid> _device = new("--device") { Description = "Id of the device.", Required = true };
    private readonly Option<string?> _restore = new("--restore")
    {
        Description = "Restore this snapshot, of the device or of another one of the member; without it, the device "
            + "backs up.",
        HelpName = "SNAPSHOT",
    };

    private readonly Option<string[]> _path = new("--path") { Description = "What to restore; everything by default." };
    private readonly Option<string?> _to = new("--to")
    {
        Description = "Folder on the device, always for another one's files; without it, to where the files were.",
    };

    private readonly Option<RestoreConflict> _conflict = new("--conflict")
    {
        Description = "What about files that exist and differ.",
        HelpName = "keepBoth|replace|skip",
    };

    internal OrderWork()
        : base("order", "Asks a machine to back up or to restore, at its next check-in.", AdminJson.Default.OrderAnswer)
    {
        Option[] options = [_device, _restore, _path, _to, _conflict];
        foreach (var option in options) Add(option);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<OrderAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var device = new DeviceId(parsed.GetValue(_device));
        var (caller, desk) = (Caller.System(Actor), services.GetRequiredService<OrderDesk>());
        var outcome = parsed.GetValue(_restore) is { } snapshot
            ? await desk.AskRestoreAsync(caller, device, RequestOf(parsed, snapshot), cancellationToken)
            : await desk.AskBackupAsync(caller, device, cancellationToken);
        return outcome switch
        {
            OrderOutcome.Asked asked => new OrderAnswer(asked.Order.Id, IsNew: true),
            OrderOutcome.AskedBefore before => new OrderAnswer(before.Order.Id, IsNew: false),
            OrderOutcome.Invalid invalid => throw Misused($"The order makes no sense: {invalid.Fault}."),
            _ => throw AdminArguments.NoDevice(device),
        };
    }

    protected override string ToText(OrderAnswer answer) => answer.IsNew
        ? $"Order {answer.OrderId}: the device takes it up at its next check-in."
        : $"The same is asked for already: order {answer.OrderId}.";

    private RestoreRequest RequestOf(ParseResult parsed, string snapshot)
    {
        if (!Digest256.TryParse(snapshot, out var id))
            throw Misused($"'{snapshot}' is no id of a snapshot; give all {2 * Digest256.Bytes} characters.");
        var folder = parsed.GetValue(_to);
        return new RestoreRequest(
            new SnapshotId(id), parsed.GetValue(_path) ?? [],
            folder is null ? RestoreTarget.Original : RestoreTarget.Folder, folder, parsed.GetValue(_conflict));
    }
}
