using Beffroi.Identity.Access;

namespace Beffroi.Identity.Journal;

/// <summary>A privileged act to be written down.</summary>
/// <param name="Actor">Who did it, such as <c>admin:root</c>.</param>
/// <param name="Act">What was done, such as <c>device-revoked</c>.</param>
/// <param name="Member">The member it concerns, if one.</param>
/// <param name="Origin">Address that the request came from, if it came over the network.</param>
/// <param name="Detail">Further facts; never a secret.</param>
public sealed record PrivilegedAct(
    string Actor, string Act, MemberId? Member, string? Origin, IReadOnlyDictionary<string, string> Detail)
{
    /// <summary>An act of <paramref name="caller"/>.</summary>
    public static PrivilegedAct Of(
        Caller caller, string act, MemberId? member, params IEnumerable<(string Name, string Value)> detail) =>
        new(caller.Actor, act, member, caller.Origin, detail.ToDictionary(fact => fact.Name, fact => fact.Value));
}
