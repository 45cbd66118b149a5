using Beffroi.Identity.Database;
using Beffroi.Identity.External;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Beffroi.Identity.Mail;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.BackChannel;
using Beffroi.Identity.Oidc.Devices;
using Beffroi.Identity.Oidc.Keys;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Beffroi.Identity.People;
using Beffroi.Identity.Provisioning;
using Beffroi.Identity.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Beffroi.Identity;

/// <summary>Schema <c>identity</c>: who the operator and its members are.</summary>
internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : ModuleDb(options)
{
    internal const string Schema = "identity";

    internal DbSet<Operator> Operators => Set<Operator>();
    internal DbSet<Member> Members => Set<Member>();
    internal DbSet<JournalEntry> Journal => Set<JournalEntry>();
    internal DbSet<Person> People => Set<Person>();
    internal DbSet<HeldRole> HeldRoles => Set<HeldRole>();
    internal DbSet<SignInSession> Sessions => Set<SignInSession>();
    internal DbSet<QueuedMail> Mails => Set<QueuedMail>();
    internal DbSet<ProtectionKey> ProtectionKeys => Set<ProtectionKey>();
    internal DbSet<SigningKeyRow> SigningKeys => Set<SigningKeyRow>();
    internal DbSet<RelyingParty> Parties => Set<RelyingParty>();
    internal DbSet<PartyMember> PartyMembers => Set<PartyMember>();
    internal DbSet<SignOnGrant> Grants => Set<SignOnGrant>();
    internal DbSet<IssuedToken> Tokens => Set<IssuedToken>();
    internal DbSet<DeviceRequest> DeviceRequests => Set<DeviceRequest>();
    internal DbSet<ExternalProvider> Providers => Set<ExternalProvider>();
    internal DbSet<ExternalSession> ExternalSessions => Set<ExternalSession>();
    internal DbSet<ServiceSession> ServiceSessions => Set<ServiceSession>();
    internal DbSet<AccountTarget> AccountTargets => Set<AccountTarget>();
    internal DbSet<ProvisionedAccount> ProvisionedAccounts => Set<ProvisionedAccount>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfiguration(new OperatorMap());
        modelBuilder.ApplyConfiguration(new MemberMap());
        modelBuilder.ApplyConfiguration(new JournalEntryMap());
        modelBuilder.ApplyConfiguration(new PersonMap());
        AccountRows.Map(modelBuilder);
        modelBuilder.ApplyConfiguration(new HeldRoleMap());
        modelBuilder.ApplyConfiguration(new SignInSessionMap());
        modelBuilder.ApplyConfiguration(new QueuedMailMap());
        modelBuilder.ApplyConfiguration(new ProtectionKeyMap());
        OidcTables.Map(modelBuilder);
        FilterByMember(modelBuilder);
        FilterTenants(modelBuilder);
    }

    /// <summary>What belongs to a member without being <see cref="ITenantOwned"/>: the member itself, and rows that may
    /// belong to none.</summary>
    private void FilterByMember(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Member>().HasQueryFilter(
            TenantFilter, row => SeesAll || SeenMembers.Contains(row.Id));
        modelBuilder.Entity<JournalEntry>().HasQueryFilter(
            TenantFilter, row => SeesAll || (row.MemberId != null && SeenMembers.Contains(row.MemberId.Value)));
        modelBuilder.Entity<HeldRole>().HasQueryFilter(
            TenantFilter, row => SeesAll || (row.MemberId != null && SeenMembers.Contains(row.MemberId.Value)));
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<OperatorId>().HaveConversion<OperatorIdConverter>();
        configurationBuilder.Properties<Siret>().HaveConversion<SiretConverter>().HaveMaxLength(14).AreFixedLength();
    }

    private sealed class OperatorIdConverter()
        : ValueConverter<OperatorId, Guid>(id => id.Value, value => new OperatorId(value));

    private sealed class SiretConverter()
        : ValueConverter<Siret, string>(siret => siret.Value, value => Siret.Parse(value));
}
