using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Diagnoses;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Identity.Database;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business;

/// <summary>Schema <c>business</c>: the register of members, offers, admissions.</summary>
internal sealed class BusinessDb(DbContextOptions<BusinessDb> options) : ModuleDb(options)
{
    internal const string Schema = "business";

    internal DbSet<MemberRow> Members => Set<MemberRow>();
    internal DbSet<MemberFile> Files => Set<MemberFile>();
    internal DbSet<Site> Sites => Set<Site>();
    internal DbSet<InventoryItem> Inventory => Set<InventoryItem>();
    internal DbSet<Contact> Contacts => Set<Contact>();
    internal DbSet<HeldRole> HeldRoles => Set<HeldRole>();
    internal DbSet<MemberDocument> Documents => Set<MemberDocument>();
    internal DbSet<Offer> Offers => Set<Offer>();
    internal DbSet<Admission> Admissions => Set<Admission>();
    internal DbSet<AdmissionMove> Moves => Set<AdmissionMove>();
    internal DbSet<Diagnosis> Diagnoses => Set<Diagnosis>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        MemberRow.Map(modelBuilder);
        modelBuilder.ApplyConfiguration(new MemberFileMap());
        modelBuilder.ApplyConfiguration(new SiteMap());
        modelBuilder.ApplyConfiguration(new InventoryItemMap());
        modelBuilder.ApplyConfiguration(new ContactMap());
        modelBuilder.ApplyConfiguration(new HeldRoleMap());
        modelBuilder.ApplyConfiguration(new OfferMap());
        modelBuilder.ApplyConfiguration(new AdmissionMap());
        modelBuilder.ApplyConfiguration(new AdmissionMoveMap());
        modelBuilder.ApplyConfiguration(new DiagnosisMap());
        modelBuilder.ApplyConfiguration(new MemberDocumentMap());
        FoldedText.Map(modelBuilder);
        FilterTenants(modelBuilder);
    }
}
