using System.CommandLine;
using System.Globalization;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;

namespace Beffroi.Server.Admin;

internal sealed record MemberList(IReadOnlyList<ListedMember> Members);

internal sealed record ListedMember(
    Guid MemberId, string Name, string Siret, int? Population, int Level, Guid? VaultId, long? QuotaBytes,
    long? UsedBytes);

/// <summary>'list-members': all members with what their vaults hold.</summary>
internal sealed class ListMembers : AdminVerb<MemberList>
{
    internal ListMembers()
        : base("list-members", "Lists the members.", AdminJson.Default.MemberList)
    {
    }

    protected override bool UsesBlobs => false;

    protected override async Task<MemberList> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var members = await services.GetRequiredService<MemberDirectory>().ListMembersAsync(cancellationToken);
        var vaults = (await services.GetRequiredService<VaultDirectory>().ListAsync(cancellationToken))
            .ToDictionary(vault => vault.Member);
        return new MemberList([.. members.Select(member => Listed(member, vaults.GetValueOrDefault(member.Id)))]);
    }

    protected override string ToText(MemberList answer) => answer.Members.Count == 0
        ? "There is no member yet. 'beffroi-server admin create-member' adds one."
        : string.Join('\n', answer.Members.Select(member => string.Create(
            CultureInfo.InvariantCulture,
            $"{member.MemberId}  {member.Siret}  level {member.Level}  {member.UsedBytes ?? 0} of "
                + $"{member.QuotaBytes ?? 0} bytes  {member.Name}")));

    private static ListedMember Listed(MemberSummary member, VaultSummary? vault) => new(
        member.Id.Value, member.Name, member.Siret.Value, member.Population, member.Level,
        vault?.Id.Value, vault?.QuotaBytes, vault?.UsedBytes);
}
