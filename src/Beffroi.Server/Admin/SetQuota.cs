using System.CommandLine;
using Beffroi.Fleet.Vaults;

namespace Beffroi.Server.Admin;

internal sealed record QuotaAnswer(Guid MemberId, Guid VaultId, long QuotaBytes);

/// <summary>'set-quota': how much a member's vault may hold.</summary>
internal sealed class SetQuota : AdminVerb<QuotaAnswer>
{
    private readonly Option<Guid> _member = new("--member") { Description = "Id of the member.", Required = true };
    private readonly Option<long> _bytes = new("--bytes") { Description = "The new quota in bytes.", Required = true };

    internal SetQuota()
        : base("set-quota", "Sets how much a member's vault may hold; what it holds already stays.",
            AdminJson.Default.QuotaAnswer)
    {
        Add(_member);
        Add(_bytes);
    }

    protected override async Task<QuotaAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var bytes = parsed.GetValue(_bytes);
        if (bytes < 0) throw Misused($"A quota of {bytes} bytes is not possible.");

        var (member, vault) = await AdminArguments.MemberAsync(services, parsed.GetValue(_member), cancellationToken);
        await services.GetRequiredService<VaultDirectory>().SetQuotaAsync(vault.Id, bytes, Actor, cancellationToken);
        return new QuotaAnswer(member.Id.Value, vault.Id.Value, bytes);
    }

    protected override string ToText(QuotaAnswer answer) =>
        $"The vault of member {answer.MemberId} may hold {answer.QuotaBytes} bytes.";
}
