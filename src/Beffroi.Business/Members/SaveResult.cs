namespace Beffroi.Business.Members;

/// <summary>What is wrong with a field of a form.</summary>
public enum FieldError
{
    Missing,
    TooLong,
    Invalid,
    OutOfRange,
}

/// <summary>A wrong field, by the name it has in its draft.</summary>
public sealed record FieldMistake(string Field, FieldError Error);

/// <summary>Why something that is well-formed was not saved.</summary>
public enum SaveRefusal
{
    /// <summary>Another member has this SIRET.</summary>
    SiretTaken,

    /// <summary>The member has an effective admission and would be left without a référent.</summary>
    LastReferent,

    /// <summary>Inventory entries stand on the site.</summary>
    SiteInUse,

    /// <summary>Another entry of the inventory is that device already.</summary>
    DeviceTaken,

    /// <summary>The contact holds that role at that time already.</summary>
    RoleHeld,

    /// <summary>The contact does not hold that role.</summary>
    RoleNotHeld,

    /// <summary>The admission is not in a state for this.</summary>
    WrongState,

    /// <summary>The contact holds a role of the charters; only the operator removes them.</summary>
    HoldsRoles,

    /// <summary>The document counts for nothing any more, and is replaced by none.</summary>
    AlreadyWithdrawn,

    /// <summary>An offer of that code is there, of another kind, with admissions.</summary>
    KindInUse,
}

/// <summary>What became of a form.</summary>
public abstract record SaveResult<TId>
{
    private SaveResult()
    {
    }

    public sealed record Saved(TId Id) : SaveResult<TId>;

    /// <summary>The member, or what was to be changed, is not there for this caller.</summary>
    public sealed record NotFound : SaveResult<TId>;

    public sealed record Invalid(IReadOnlyList<FieldMistake> Mistakes) : SaveResult<TId>;

    public sealed record Refused(SaveRefusal Reason) : SaveResult<TId>;

    /// <summary>Somebody else has saved it since the form was opened; nothing was changed.</summary>
    public sealed record Outdated : SaveResult<TId>;
}
