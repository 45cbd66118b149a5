namespace Beffroi.Identity.Access;

/// <summary>Who asks: the first argument of everything that a person can reach.</summary>
public sealed class Caller
{
    private readonly bool _isSystem;
    private readonly IReadOnlyList<RoleGrant> _grants;

    private Caller(
        string actor, string name, PersonId? person, string? origin, IReadOnlyList<RoleGrant> grants, bool isSystem)
    {
        (Actor, Name, Person, Origin) = (actor, name, person, origin);
        (_grants, _isSystem) = (grants, isSystem);
        IsStaff = isSystem || grants.Any(grant => Rights.IsOperators(grant.Role));
        Scope = IsStaff
            ? AccessScope.Platform
            : AccessScope.Of(grants.Select(grant => grant.Member).OfType<MemberId>());
    }

    /// <summary>For the journal: <c>person:</c> with an id, <c>admin:</c> with a user of the system, or
    /// <c>job:</c> with a name.</summary>
    public string Actor { get; }

    /// <summary>For people to read.</summary>
    public string Name { get; }

    /// <summary>The account; none for a command or a job.</summary>
    public PersonId? Person { get; }

    /// <summary>Address that the request came from, if it came over the network.</summary>
    public string? Origin { get; }

    /// <summary>Whose data the caller sees.</summary>
    public AccessScope Scope { get; }

    /// <summary>Whether the caller works for the operator, and so needs a consent to read contents.</summary>
    public bool IsStaff { get; }

    /// <summary>The roles held now.</summary>
    public IReadOnlyList<RoleGrant> Grants => _grants;

    /// <summary>Somebody who is signed in.</summary>
    public static Caller Of(PersonId person, string name, string? origin, IReadOnlyList<RoleGrant> grants) =>
        new(ActorOf(person), name, person, origin, grants, isSystem: false);

    /// <summary>How <see cref="Actor"/> names somebody with an account.</summary>
    public static string ActorOf(PersonId person) => $"person:{person}";

    /// <summary>A command of the server's administrator, or one of its jobs: may do everything.</summary>
    /// <param name="actor">Such as <c>admin:root</c> or <c>job:watch</c>.</param>
    public static Caller System(string actor) => new(actor, actor, person: null, origin: null, [], isSystem: true);

    /// <summary>Whether the caller may do this for <paramref name="member"/>, or, without one, for anybody at
    /// all.</summary>
    public bool Can(Permission permission, MemberId? member = null) =>
        _isSystem || _grants.Any(grant =>
            Rights.Of(grant.Role).Contains(permission)
            && (Rights.IsOperators(grant.Role) || member is null || grant.Member == member));

    /// <summary>The members for which the caller may do this; every member for a role of the operator that
    /// allows it.</summary>
    public AccessScope ScopeOf(Permission permission) =>
        _isSystem || _grants.Any(grant =>
            Rights.IsOperators(grant.Role) && Rights.Of(grant.Role).Contains(permission))
            ? AccessScope.Platform
            : AccessScope.Of(
                _grants.Where(grant => Rights.Of(grant.Role).Contains(permission))
                    .Select(grant => grant.Member).OfType<MemberId>());

    /// <summary>Whether the caller may read this member's backups, if at all, only as somebody of the operator or as a
    /// provider. A further role at the member that may not read them changes nothing.</summary>
    public bool IsOutsider(MemberId member) => !_grants.Any(
        grant => grant.Member == member && grant.Role != Role.Provider
            && Rights.Of(grant.Role).Contains(Permission.RestoreData));

    /// <exception cref="AccessDeniedException">The caller may not do this.</exception>
    public void Demand(Permission permission, MemberId? member = null)
    {
        if (!Can(permission, member)) throw new AccessDeniedException(permission, Actor);
    }
}
