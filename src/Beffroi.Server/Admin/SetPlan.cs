using System.CommandLine;
using System.Text.Json.Nodes;
using Beffroi.Fleet.Plans;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

/// <summary>'set-plan': gives a machine a plan; it takes it at its next check-in.</summary>
internal sealed class SetPlan : AdminVerb<PlanAnswer>
{
    private readonly Option<Guid> _device = new("--device") { Description = "Id of the device.", Required = true };
    private readonly Option<string?> _file = new("--file")
    {
        Description = "The plan, as 'show-plan --json' writes it.",
    };


    private readonly Option<bool> _proposed = new("--proposed") { Description = "What the member's level proposes." };

    internal SetPlan()
        : base("set-plan", "Gives a machine a plan.", AdminJson.Default.PlanAnswer)
    {
        Add(_device);
        Add(_file);
        Add(_proposed);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<PlanAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var device = new DeviceId(parsed.GetValue(_device));
        var (caller, desk) = (Caller.System(Actor), services.GetRequiredService<PlanDesk>());
        var proposed = await desk.ProposeAsync(caller, device, cancellationToken)
            ?? throw AdminArguments.NoDevice(device);
        var file = parsed.GetValue(_file);
        if (file is null == !parsed.GetValue(_proposed)) throw Misused("Give either --file or --proposed.");

        var content = file is null ? proposed : await ReadAsync(file, cancellationToken);
        var before = await desk.FindAsync(caller, device, cancellationToken);
        var outcome = await desk.ReviseAsync(
            caller, device, content, before?.Newest.Revision ?? 0, cancellationToken);
        return outcome switch
        {
            PlanOutcome.Saved saved => new PlanAnswer(
                device.Value, saved.Revision.Revision, before?.KnownRevision ?? 0, saved.Revision.Author,
                saved.Revision.Signature?.Name, JsonNode.Parse(PlanDocument.Write(content))),
            PlanOutcome.Invalid invalid => throw Misused(
                "The plan cannot be used: "
                + $"{string.Join("; ", invalid.Faults.Select(fault => $"{fault.Kind} ({fault.Subject})"))}."),
            _ => throw Misused("Somebody else changed the plan at this moment. Look at it and try again."),
        };
    }

    protected override string ToText(PlanAnswer answer) =>
        $"Revision {answer.Revision} is set. The device takes it at its next check-in.";

    private static async Task<PlanContent> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var json = await File.ReadAllTextAsync(file, cancellationToken);
            // The whole answer of 'show-plan --json' will do as well.
            if (JsonNode.Parse(json)?["plan"] is { } inner) json = inner.ToJsonString();
            return PlanDocument.TryRead(json, out var plan, out var fault) ? plan : throw Misused($"{file}: {fault}");
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw Misused($"{file} cannot be read: {exception.Message}");
        }
    }
}
