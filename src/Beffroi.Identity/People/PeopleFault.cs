namespace Beffroi.Identity.People;

/// <summary>Why something that was wanted for somebody's account was not done.</summary>
public enum PeopleFault
{
    /// <summary>There is nobody of that id, or nobody whom the caller may see.</summary>
    NotFound,

    /// <summary>The caller's own role does not allow giving or ending this one.</summary>
    RoleTooHigh,

    /// <summary>The account also serves elsewhere, where the caller manages nobody.</summary>
    SharedAccount,

    /// <summary>The member would be left without anybody who manages its people.</summary>
    LastReferent,

    /// <summary>Nobody does this to themselves.</summary>
    Oneself,

    /// <summary>Who works for the operator holds no role of a member, and the other way round.</summary>
    StaffAndMember,

    /// <summary>The person holds this role already.</summary>
    AlreadyHeld,

    /// <summary>The address is no mail address.</summary>
    BadEmail,

    /// <summary>A name is wanted, of at most 200 characters.</summary>
    NameMissing,

    /// <summary>A role ends before it begins, or has ended already.</summary>
    BadDates,

    /// <summary>The invitation was accepted: there is nothing to send again.</summary>
    NotInvited,

    /// <summary>Somebody changed the account at the same moment.</summary>
    Outdated,
}
