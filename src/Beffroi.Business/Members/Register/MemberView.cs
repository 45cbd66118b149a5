using Beffroi.Identity;

namespace Beffroi.Business.Members.Register;

/// <summary>A member's whole file.</summary>
/// <param name="Siren">The first nine digits of the SIRET.</param>
public sealed record MemberView(
    MemberId Id, string Siret, string Siren, int Level, MemberStanding Standing, MemberDraft Data,
    IReadOnlyList<SiteView> Sites, IReadOnlyList<InventoryView> Inventory, IReadOnlyList<ContactView> Contacts)
{
    /// <summary>To be handed back with a change, so that nobody overwrites what they have not seen.</summary>
    public string Revision => Members.Revision.Of(Data);
}

/// <summary>A site of a member.</summary>
public sealed record SiteView(SiteId Id, SiteDraft Data)
{
    /// <summary>As of <see cref="MemberView"/>.</summary>
    public string Revision => Members.Revision.Of(Data);
}

/// <summary>An entry of a member's inventory.</summary>
public sealed record InventoryView(InventoryItemId Id, InventoryDraft Data)
{
    /// <summary>As of <see cref="MemberView"/>.</summary>
    public string Revision => Members.Revision.Of(Data);
}

/// <summary>A contact of a member, with the roles of all times, the newest first.</summary>
public sealed record ContactView(ContactId Id, ContactDraft Data, IReadOnlyList<HeldRoleView> Roles)
{
    /// <summary>As of <see cref="MemberView"/>.</summary>
    public string Revision => Members.Revision.Of(Data);
}

/// <summary>A role that a contact holds or held, from a day to a day, both counted.</summary>
public sealed record HeldRoleView(ContactRole Role, DateOnly From, DateOnly? Until, bool IsHeldToday);
