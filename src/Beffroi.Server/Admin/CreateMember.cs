using System.CommandLine;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.Kits;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity;
using Beffroi.Server.Configuration;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Recovery;

namespace Beffroi.Server.Admin;

internal sealed record CreatedMember(Guid MemberId, Guid VaultId, string Kit, string KitPage);

/// <summary>'create-member': a member, its vault, and the recovery kit that only the member keeps.</summary>
internal sealed class CreateMember : AdminVerb<CreatedMember>
{
    private const long BytesPerGigabyte = 1_000_000_000; // Tariffs count in powers of ten.

    private readonly Option<string> _name =
        new("--name") { Description = "Name of the local authority.", Required = true };
    private readonly Option<string> _siret = new("--siret") { Description = "Its SIRET, 14 digits.", Required = true };
    private readonly Option<int?> _population = new("--population") { Description = "Inhabitants." };
    private readonly Option<int> _level = new("--level")
    {
        Description = "Level of service, 1 to 3; sets the quota.",
        DefaultValueFactory = _ => 1,
    };

    internal CreateMember()
        : base("create-member", "Adds a member with its vault and writes its recovery kit.",
            AdminJson.Default.CreatedMember)
    {
        Add(_name);
        Add(_siret);
        Add(_population);
        Add(_level);
    }

    protected override Task<CreatedMember> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken) =>
        MakeAsync(services, Read(parsed), Actor, cancellationToken);

    internal static async Task<CreatedMember> MakeAsync(
        IServiceProvider services, NewMember asked, string actor, CancellationToken cancellationToken)
    {
        var (member, isNew) = await services.GetRequiredService<MemberDirectory>()
            .AddMemberAsync(asked, cancellationToken);
        var vaults = services.GetRequiredService<VaultDirectory>();

        // A member without a vault is left by a run that was cut: this run completes it.
        if (!isNew && await vaults.FindAsync(member.Id, cancellationToken) is not null)
            throw Misused($"SIRET {member.Siret} belongs to the member {member.Id} '{member.Name}', which has its "
                + "vault already.");

        var options = services.GetRequiredService<ServerOptions>();
        var quota = options.QuotaGigabytesByLevel[LevelKey(member.Level)] * BytesPerGigabyte;
        var today = DateOnly.FromDateTime(services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        var vault = VaultId.New();
        using var kit = new RecoveryKit(
            vault, member.Name, today, HpkePrivateKey.Generate(),
            services.GetRequiredService<KeyFile>().SigningKey.PublicKey.KeyId);
        var files = KitFiles.Write(
            services.GetRequiredService<DataFolder>().Kits, $"{member.Siret}-{vault.Value.ToString("N")[..8]}", kit);
        await vaults.CreateAsync(new NewVault(vault, member.Id, kit.Key.PublicKey, quota), actor, cancellationToken);
        return new CreatedMember(member.Id.Value, vault.Value, files.Kit, files.Page);
    }

    protected override string ToText(CreatedMember answer) => $"""
        Member {answer.MemberId} has the vault {answer.VaultId}.
        Its recovery key is in these two files and nowhere else:
          {answer.Kit}
          {answer.KitPage}
        Print the page twice, hand paper and file over to the member, let 'beffroi kit check' read the file on
        the member's side, and then delete both files here: whoever holds them reads all backups of the member.
        """;

    private NewMember Read(ParseResult parsed)
    {
        var level = parsed.GetValue(_level);
        if (level is < 1 or > 3) throw Misused($"Level {level} is not 1, 2 or 3.");
        var population = parsed.GetValue(_population);
        if (population is < 0) throw Misused($"A population of {population} is not possible.");

        return new NewMember(
            AdminArguments.Name(parsed.GetRequiredValue(_name)),
            AdminArguments.Siret(parsed.GetRequiredValue(_siret)),
            population,
            level);
    }

    private static string LevelKey(int level) => ServerOptionsCheck.Levels[level - 1];
}
