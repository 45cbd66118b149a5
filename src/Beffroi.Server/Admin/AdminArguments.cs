using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

/// <summary>Reads what a person gave to a verb, or says what is wrong with it.</summary>
internal static class AdminArguments
{
    private const int NameCharactersMax = 200;

    internal static string Name(string text)
    {
        var name = text.Trim();
        return name.Length is > 0 and <= NameCharactersMax && !name.Any(char.IsControl)
            ? name
            : throw Misused($"A name has 1 to {NameCharactersMax} characters on one line.");
    }

    internal static Siret Siret(string text) => Identity.Siret.TryParse(text, out var siret)
        ? siret
        : throw Misused(
            $"'{text}' is not a SIRET: it takes 14 digits whose check key is right. Compare it with the INSEE notice.");

    internal static DeviceKind Kind(string text)
    {
        try
        {
            return DeviceKindText.Parse(text);
        }
        catch (FormatException exception)
        {
            throw Misused(exception.Message);
        }
    }

    /// <summary>The member of that id with its vault.</summary>
    internal static async Task<(MemberSummary Member, VaultSummary Vault)> MemberAsync(
        IServiceProvider services, Guid id, CancellationToken cancellationToken)
    {
        var member = await services.GetRequiredService<MemberDirectory>()
            .FindMemberAsync(new MemberId(id), cancellationToken) ?? throw Missing($"There is no member {id}.");
        var vault = await services.GetRequiredService<VaultDirectory>().FindAsync(member.Id, cancellationToken)
            ?? throw Missing($"Member {id} has no vault yet: its creation was cut. Repeat 'create-member'.");
        return (member, vault);
    }

    /// <summary>The refusal of an id that no device has.</summary>
    internal static VaultException NoDevice(DeviceId id) => new(
        ErrorCode.NotFound, retryable: false,
        $"There is no device {id}. 'beffroi-server admin list-devices' shows all of them.");

    private static VaultException Missing(string message) => new(
        ErrorCode.NotFound, retryable: false, $"{message} 'beffroi-server admin list-members' shows all of them.");

    private static VaultException Misused(string message) => new(ErrorCode.UsageInvalid, retryable: false, message);
}
