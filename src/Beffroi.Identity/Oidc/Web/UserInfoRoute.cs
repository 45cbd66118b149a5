using Beffroi.Identity.Oidc.Tokens;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.Oidc.Web;

/// <summary>Who the bearer of an access token is, as things stand now (OpenID Connect Core 1.0, §5.3).</summary>
internal sealed class UserInfoRoute(GrantBook grants, CrossOrigin crossOrigin)
{
    private const string Bearer = "Bearer ";

    internal async Task TellAsync(HttpContext context)
    {
        OidcAnswer.ForbidKeeping(context);
        await crossOrigin.AllowPartiesAsync(context);
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            await OidcAnswer.BearerErrorAsync(context, error: null, StatusCodes.Status401Unauthorized);
            return;
        }
        var found = await grants.FindByAccessTokenAsync(header[Bearer.Length..].Trim(), context.RequestAborted);
        if (found is not var (live, token))
            await OidcAnswer.BearerErrorAsync(context, "invalid_token", StatusCodes.Status401Unauthorized);
        else if (!token.Scopes.Contains(OidcScope.OpenId))
            await OidcAnswer.BearerErrorAsync(context, "insufficient_scope", StatusCodes.Status403Forbidden);
        else
            await OidcAnswer.JsonAsync(context, live.ToClaims(token.Scopes));
    }
}
