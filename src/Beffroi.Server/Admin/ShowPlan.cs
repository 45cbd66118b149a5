using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Beffroi.Fleet.Plans;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

/// <param name="Plan">As <c>set-plan --file</c> takes it.</param>
/// <param name="KnownRevision">The revision that the device has; 0 for none.</param>
internal sealed record PlanAnswer(
    Guid DeviceId, long Revision, long KnownRevision, string? Author, string? SignedBy, JsonNode? Plan);

/// <summary>'show-plan': what a machine backs up and when; for one without a plan, what its level proposes.</summary>
internal sealed class ShowPlan : AdminVerb<PlanAnswer>
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private readonly Option<Guid> _device = new("--device") { Description = "Id of the device.", Required = true };

    internal ShowPlan()
        : base(
            "show-plan", "Shows a machine's plan, or what is proposed for one without.",
            AdminJson.Default.PlanAnswer) => Add(_device);

    protected override bool UsesBlobs => false;

    protected override async Task<PlanAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var device = new DeviceId(parsed.GetValue(_device));
        var (caller, desk) = (Caller.System(Actor), services.GetRequiredService<PlanDesk>());
        if (await desk.FindAsync(caller, device, cancellationToken) is { } plan)
            return new PlanAnswer(
                device.Value, plan.Newest.Revision, plan.KnownRevision, plan.Newest.Author,
                plan.Newest.Signature?.Name, Node(plan.Newest.Content));

        var proposed = await desk.ProposeAsync(caller, device, cancellationToken)
            ?? throw AdminArguments.NoDevice(device);
        return new PlanAnswer(
            device.Value, Revision: 0, KnownRevision: 0, Author: null, SignedBy: null, Node(proposed));
    }

    protected override string ToText(PlanAnswer answer) =>
        (answer.Revision == 0
            ? "No plan yet. This is proposed for it; 'set-plan --proposed' takes it:\n"
            : $"Revision {answer.Revision} by {answer.Author}, signed by {answer.SignedBy ?? "nobody of the member"}; "
                + $"the device has revision {answer.KnownRevision}.\n")
        + answer.Plan?.ToJsonString(Readable);

    private static JsonNode? Node(PlanContent plan) => JsonNode.Parse(PlanDocument.Write(plan));
}
