using System.CommandLine;
using Beffroi.Fleet.Devices;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

internal sealed record RevokedDevice(Guid DeviceId, DateTimeOffset RevokedAt);

/// <summary>'revoke-device': shuts a machine out at once; its snapshots stay.</summary>
internal sealed class RevokeDevice : AdminVerb<RevokedDevice>
{
    private readonly Option<Guid> _device = new("--device") { Description = "Id of the device.", Required = true };
    private readonly Option<string> _reason = new("--reason")
    {
        Description = "Why, for the journal.",
        DefaultValueFactory = _ => "by the operator",
    };

    internal RevokeDevice()
        : base("revoke-device", "Shuts a machine out; its snapshots stay.", AdminJson.Default.RevokedDevice)
    {
        Add(_device);
        Add(_reason);
    }

    protected override async Task<RevokedDevice> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(_device);
        var revokedAt = await services.GetRequiredService<DeviceDirectory>().RevokeAsync(
            new DeviceId(id), AdminArguments.Name(parsed.GetRequiredValue(_reason)), Actor, cancellationToken);
        return new RevokedDevice(id, revokedAt);
    }

    protected override string ToText(RevokedDevice answer) =>
        $"Device {answer.DeviceId} is shut out since {answer.RevokedAt:yyyy-MM-dd HH:mm} UTC. Its snapshots stay.";
}
