using System.CommandLine;
using Beffroi.Fleet.Devices;
using Beffroi.Identity;

namespace Beffroi.Server.Admin;

internal sealed record DeviceList(IReadOnlyList<ListedDevice> Devices);

internal sealed record ListedDevice(
    Guid DeviceId, Guid MemberId, string Name, string Kind, string Platform, string AgentVersion,
    DateTimeOffset EnrolledAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastSeenAt, DateTimeOffset? LastSnapshotAt);

/// <summary>'list-devices': the enrolled machines and when each was last backed up.</summary>
internal sealed class ListDevices : AdminVerb<DeviceList>
{
    private readonly Option<Guid?> _member = new("--member") { Description = "Only the machines of this member." };

    internal ListDevices()
        : base("list-devices", "Lists the enrolled machines.", AdminJson.Default.DeviceList) => Add(_member);

    protected override bool UsesBlobs => false;

    protected override async Task<DeviceList> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        MemberId? member = null;
        if (parsed.GetValue(_member) is { } id)
            member = (await AdminArguments.MemberAsync(services, id, cancellationToken)).Member.Id;
        var devices = await services.GetRequiredService<DeviceDirectory>().ListAsync(member, cancellationToken);
        return new DeviceList([.. devices.Select(Listed)]);
    }

    protected override string ToText(DeviceList answer) => answer.Devices.Count == 0
        ? "No machine is enrolled yet. 'beffroi-server admin enrolment-token' lets one in."
        : string.Join('\n', answer.Devices.Select(Line));

    private static string Line(ListedDevice device)
    {
        var state = device.RevokedAt is { } revoked
            ? $"revoked {revoked:yyyy-MM-dd}"
            : $"last snapshot {device.LastSnapshotAt?.ToString("yyyy-MM-dd HH:mm", null) ?? "none"}";
        return $"{device.DeviceId}  {device.Kind}  {state}  {device.Name}";
    }

    private static ListedDevice Listed(DeviceSummary device) => new(
        device.Id.Value, device.Member.Value, device.Name, DeviceKindText.Of(device.Kind), device.Platform,
        device.AgentVersion, device.EnrolledAt, device.RevokedAt, device.LastSeenAt, device.LastSnapshotAt);
}
