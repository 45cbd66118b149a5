using Beffroi.Identity;
using Beffroi.Identity.Oidc;
using Beffroi.Identity.Oidc.Parties;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.SignOn;

/// <summary>The form of a service as it was sent.</summary>
internal static class ServiceInput
{
    /// <summary>Of a new service: a program on a server, for all members, told all there is.</summary>
    internal static RelyingPartyForm Empty { get; } = new(
        "", null, PartyKind.Confidential, "", [], [], [.. OidcScope.All.Except([OidcScope.OfflineAccess])],
        RequiresPkce: true, "RS256", MayUseDevices: false, IsForAllMembers: true, IsForStaff: true, []);

    internal static RelyingPartyForm Read(IFormCollection form) => new(
        form["name"].ToString(), form["description"].ToString(),
        form["kind"] == "public" ? PartyKind.Public : PartyKind.Confidential, form["address"].ToString().Trim(),
        Lines(form["redirect"].ToString()), Lines(form["logout"].ToString()), [.. form["scope"].OfType<string>()],
        form["pkce"] == "yes", form["algorithm"].ToString(), form["devices"] == "yes", form["members"] != "chosen",
        form["staff"] == "yes",
        [.. form["member"].Where(text => Guid.TryParse(text, out _)).Select(text => new MemberId(Guid.Parse(text!)))])
    {
        LogoutAddress = form["told"].ToString().Trim() is { Length: > 0 } told ? told : null,
    };

    /// <summary>The file that was sent along, if one was; the server bounds what a form may hold.</summary>
    internal static async Task<byte[]?> ReadLogoAsync(IFormCollection form, CancellationToken cancellationToken)
    {
        if (form.Files["logo"] is not { Length: > 0 } file) return null;
        await using var stream = file.OpenReadStream();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, cancellationToken);
        return copy.ToArray();
    }

    private static List<string> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
