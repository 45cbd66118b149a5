namespace Beffroi.Business.Members.Register;

/// <summary>What sort of public body a member is.</summary>
public enum MemberKind
{
    Commune,

    /// <summary>An intercommunality with its own taxes; its SIREN names it.</summary>
    Epci,
    Departement,

    /// <summary>A public establishment such as a CCAS or a school fund.</summary>
    PublicBody,
    Syndicate,
    Other,
}

/// <summary>How the operator's statutes count a body; tariffs and eligibility depend on it.</summary>
public enum MemberClass
{
    Member,

    /// <summary>Treated as a member by the operator's rules, such as the communes of a member EPCI.</summary>
    Assimilated,
    NonMember,
}

/// <summary>Where a body stands with the operator.</summary>
public enum MemberStanding
{
    /// <summary>In the register, and nothing more.</summary>
    Known,

    /// <summary>An admission is under way.</summary>
    Joining,

    /// <summary>At least one admission is effective.</summary>
    Effective,

    /// <summary>It had an effective admission, and has none any more.</summary>
    Left,
}

/// <summary>How a site reaches the Internet.</summary>
public enum SiteLink
{
    /// <summary>Fibre of the département's public network (OPSN).</summary>
    FibreOpsn,
    Ftth,

    /// <summary>Fibre of a closed user group.</summary>
    Gfu,
    Adsl,

    /// <summary>4G or what follows it.</summary>
    Mobile,
}

/// <summary>What an inventoried device is.</summary>
public enum InventoryKind
{
    Fixed,
    Laptop,
    Server,
    Nas,
    Relay,
}

/// <summary>What a contact is to the operator; held from a day on, and to one.</summary>
public enum ContactRole
{
    /// <summary>The person who sets up and manages the services for the member.</summary>
    Referent,

    /// <summary>Named with the charter; without one no backup becomes effective (ME07).</summary>
    FunctionalAdministrator,

    /// <summary>Mayor or president: signs.</summary>
    Executive,
    DataProtectionOfficer,
    Accounting,

    /// <summary>Works for a company that looks after the member's computers.</summary>
    Provider,
    Other,
}
