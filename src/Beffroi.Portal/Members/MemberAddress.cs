using Beffroi.Identity;
using Beffroi.Identity.Access;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Members;

/// <summary>Where a member's file is, and who finds what to do there.</summary>
internal static class MemberAddress
{
    internal static string Of(MemberId member) => $"/collectivites/{member}";

    /// <summary>Whether the caller keeps contacts, sites and the ways to reach the member up to date; the register asks
    /// again.</summary>
    internal static bool MayKeepDetails(Caller caller, MemberId member) =>
        caller.Can(NeededFor(caller), member);

    /// <summary>Lets nobody who only reads fill in a form in vain.</summary>
    internal static void DemandDetails(HttpContext http, Caller caller, MemberId member)
    {
        if (!MayKeepDetails(caller, member)) http.Response.Redirect("/refus");
    }

    private static Permission NeededFor(Caller caller) =>
        caller.IsStaff ? Permission.ManageMembers : Permission.ManagePeople;
}
