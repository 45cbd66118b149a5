using System.Text;
using Beffroi.Identity.Oidc.Parties;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Tokens;

/// <summary>Who a service says it is, and with what: <c>client_secret_basic</c>, <c>client_secret_post</c>, or
/// <c>none</c> (RFC 6749, §2.3).</summary>
/// <param name="IsByHeader">Whether it came in the Authorization header, which the answer then names.</param>
internal sealed record PartyProof(string? ClientId, string? Secret, bool IsByHeader)
{
    private const string Basic = "Basic ";

    /// <summary>None if both ways were used at once.</summary>
    internal static PartyProof? Of(HttpRequest request, IReadOnlyDictionary<string, string> form)
    {
        var (id, secret) = (form.GetValueOrDefault("client_id"), form.GetValueOrDefault("client_secret"));
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) return new PartyProof(id, secret, false);
        if (Decode(header[Basic.Length..]) is not { } named) return new PartyProof(null, null, IsByHeader: true);
        return secret is not null || (id is not null && id != named.Id)
            ? null
            : new PartyProof(named.Id, named.Secret, IsByHeader: true);
    }

    /// <summary>The service, if the proof is right; a service without a secret must not send one.</summary>
    internal async Task<RelyingParty?> FindAsync(IdentityDb db, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(ClientId, "N", out var id)) return null;
        var party = await db.Parties.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == id && row.DisabledAt == null, cancellationToken);
        return party is { Kind: PartyKind.Public }
            ? string.IsNullOrEmpty(Secret) ? party : null
            : Oidc.Secret.Matches(Secret ?? "", party?.SecretHash) ? party : null;
    }

    // Id and secret are form-encoded before they are joined (RFC 6749, §2.3.1).
    private static (string Id, string Secret)? Decode(string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.Trim(), bytes, out var length)) return null;
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return parts.Length == 2 ? (Unescape(parts[0]), Unescape(parts[1])) : null;
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
