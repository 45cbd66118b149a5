using Beffroi.Identity.Oidc.Jose;

namespace Beffroi.Identity.Oidc.Parties;

/// <summary>What the operator says of a service.</summary>
/// <param name="Address">Where its tile leads.</param>
/// <param name="RedirectUris">Where codes may be sent.</param>
/// <param name="PostLogoutUris">Where people may be sent after signing out.</param>
/// <param name="Members">Who has it, where not all members do.</param>
public sealed record RelyingPartyForm(
    string Name, string? Description, PartyKind Kind, string Address, IReadOnlyList<string> RedirectUris,
    IReadOnlyList<string> PostLogoutUris, IReadOnlyList<string> Scopes, bool RequiresPkce, string Algorithm,
    bool MayUseDevices, bool IsForAllMembers, bool IsForStaff, IReadOnlyList<MemberId> Members)
{
    private const int AddressesMax = 20;

    /// <summary>Where the service itself is told that a session has ended, if it wants to know.</summary>
    public string? LogoutAddress { get; init; }

    /// <summary>What is wrong with it.</summary>
    internal IEnumerable<PartyFault> FindFaults()
    {
        if (Name.Trim().Length is 0 or > RelyingParty.NameCharactersMax) yield return new(PartyFaultKind.Name, Name);
        if (Description is { Length: > 200 }) yield return new(PartyFaultKind.Description, Description);
        if (!ReturnAddress.IsWebPage(Address)) yield return new(PartyFaultKind.Address, Address);
        if (RedirectUris.Count == 0 && !MayUseDevices) yield return new(PartyFaultKind.NoRedirect, "");
        foreach (var wrong in RedirectUris.Where(uri => !ReturnAddress.IsAcceptable(uri, Kind)))
            yield return new(PartyFaultKind.Redirect, wrong);
        foreach (var wrong in PostLogoutUris.Where(uri => !ReturnAddress.IsAcceptable(uri, Kind)))
            yield return new(PartyFaultKind.PostLogout, wrong);
        if (LogoutAddress is { } told && !ReturnAddress.IsWebPage(told)) yield return new(PartyFaultKind.Logout, told);
        if (RedirectUris.Count > AddressesMax || PostLogoutUris.Count > AddressesMax)
            yield return new(PartyFaultKind.TooManyAddresses, "");
        foreach (var wrong in Scopes.Except(OidcScope.All)) yield return new(PartyFaultKind.Scope, wrong);
        if (Algorithm is not (JwsKey.Rs256 or JwsKey.Es256)) yield return new(PartyFaultKind.Algorithm, Algorithm);
    }
}

/// <summary>What is wrong with a service's description, and the value that is.</summary>
public sealed record PartyFault(PartyFaultKind Kind, string Value);

public enum PartyFaultKind
{
    Name,
    Description,
    Address,

    /// <summary>No address to send codes to, and no devices either.</summary>
    NoRedirect,
    Redirect,
    PostLogout,

    /// <summary>Where it would be told of ended sessions.</summary>
    Logout,
    TooManyAddresses,
    Scope,
    Algorithm,

    /// <summary>No PNG, or too big.</summary>
    Logo,

    /// <summary>No such member.</summary>
    Member,
}

/// <summary>A service as the operator sees it.</summary>
public sealed record RegisteredParty(
    Guid Id, RelyingPartyForm Form, bool HasLogo, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt)
{
    /// <summary>What the service calls itself.</summary>
    public string ClientId => Id.ToString("N");
}

/// <summary>A service on somebody's home page.</summary>
public sealed record Tile(Guid Id, string Name, string? Description, string Address, bool HasLogo);

/// <summary>What came of registering or changing a service.</summary>
public abstract record SavedParty
{
    private SavedParty()
    {
    }

    /// <param name="Secret">Shown once and kept nowhere; none of a public one, or of one that had it.</param>
    public sealed record Done(Guid Id, string? Secret) : SavedParty;

    public sealed record Refused(IReadOnlyList<PartyFault> Faults) : SavedParty;
}
