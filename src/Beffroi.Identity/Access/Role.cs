namespace Beffroi.Identity.Access;

/// <summary>What somebody is, for the operator or for one member. What each may do: <see cref="Rights"/>.</summary>
/// <remarks>Stored by name: renaming one takes a migration.</remarks>
public enum Role
{
    /// <summary>The operator's management.</summary>
    Direction,

    /// <summary>The operator's engineers, who run the platform.</summary>
    Operations,

    /// <summary>The operator's help desk.</summary>
    Support,

    /// <summary>The operator's accounts.</summary>
    Accounting,

    /// <summary>The operator's data protection officer.</summary>
    DataProtection,

    /// <summary>A member's mayor or president.</summary>
    Executive,

    /// <summary>A member's référent, who manages the services for it.</summary>
    Referent,

    /// <summary>A member's functional administrator.</summary>
    FunctionalAdministrator,

    /// <summary>A member's agent or official.</summary>
    Agent,

    /// <summary>A company that helps the members which gave it this role.</summary>
    Provider,
}
