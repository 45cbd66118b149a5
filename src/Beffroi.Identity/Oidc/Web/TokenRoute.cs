using System.Text.Json.Nodes;
using Beffroi.Identity.Oidc.Devices;
using Beffroi.Identity.Oidc.Parties;
using Beffroi.Identity.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Web;

/// <summary>The end points where services prove who they are: tokens, their end, what they are worth, programs without
/// a browser.</summary>
internal sealed class TokenRoute(
    OidcIssuer issuers, IDbContextFactory<IdentityDb> contexts, GrantBook grants, TokenDesk tokens, DeviceDesk devices,
    CrossOrigin crossOrigin, TimeProvider time)
{
    internal const string Code = "authorization_code";
    internal const string Refresh = "refresh_token";
    internal const string Device = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>RFC 6749, §3.2.</summary>
    internal async Task ExchangeAsync(HttpContext context)
    {
        await crossOrigin.AllowPartiesAsync(context);
        if (await ProveAsync(context) is not var (caller, form)) return;
        var cancellation = context.RequestAborted;
        var answer = form.GetValueOrDefault("grant_type") switch
        {
            Code => await tokens.RedeemCodeAsync(
                caller, form.GetValueOrDefault("code"), form.GetValueOrDefault("redirect_uri"),
                form.GetValueOrDefault("code_verifier"), cancellation),
            Refresh => await tokens.RefreshAsync(
                caller, form.GetValueOrDefault("refresh_token"), form.GetValueOrDefault("scope"), cancellation),
            Device when caller.Party.MayUseDevices =>
                await devices.PollAsync(caller, form.GetValueOrDefault("device_code"), cancellation),
            Device => new TokenAnswer.Refused("unauthorized_client", "The service is not registered for devices."),
            null => new TokenAnswer.Refused("invalid_request", "The grant_type is missing."),
            _ => new TokenAnswer.Refused("unsupported_grant_type", "This grant_type is not spoken."),
        };
        await (answer switch
        {
            TokenAnswer.Issued issued => OidcAnswer.JsonAsync(context, ToJson(issued)),
            TokenAnswer.Refused refused => OidcAnswer.ErrorAsync(context, refused.Error, refused.Reason),
            _ => throw new InvalidOperationException("An answer that nobody thought of."),
        });
    }

    /// <summary>RFC 7009. Of a refresh token everything ends; of an access token only that.</summary>
    internal async Task RevokeAsync(HttpContext context)
    {
        await crossOrigin.AllowPartiesAsync(context);
        if (await ProveAsync(context) is not var (caller, form)) return;
        if (form.GetValueOrDefault("token") is not { } text)
        {
            await OidcAnswer.ErrorAsync(context, "invalid_request", "The token is missing.");
            return;
        }
        var token = await grants.FindTokenAsync(text, kind: null, context.RequestAborted);
        if (token is null || !await IsOfAsync(caller.Party, token, context.RequestAborted))
            return; // 200, as §2.2 asks.

        if (token.Kind == TokenKind.Refresh) await grants.RevokeAsync(token.GrantId, context.RequestAborted);
        else await grants.SpendAsync(token, context.RequestAborted);
    }

    /// <summary>RFC 7662, for services with a secret, about their own tokens.</summary>
    internal async Task IntrospectAsync(HttpContext context)
    {
        if (await ProveAsync(context) is not var (caller, form)) return;
        if (caller.Party.Kind == PartyKind.Public)
        {
            await OidcAnswer.UnknownPartyAsync(context);
            return;
        }
        await OidcAnswer.JsonAsync(context, await DescribeAsync(
            caller, form.GetValueOrDefault("token") ?? "", context.RequestAborted));
    }

    /// <summary>RFC 8628, §3.1.</summary>
    internal async Task BeginDeviceAsync(HttpContext context)
    {
        if (await ProveAsync(context) is not var (caller, form)) return;
        if (!caller.Party.MayUseDevices)
        {
            await OidcAnswer.ErrorAsync(context, "unauthorized_client", "The service is not registered for devices.");
            return;
        }
        if (await devices.BeginAsync(
            caller.Party, form.GetValueOrDefault("scope"), caller.Origin, context.RequestAborted) is not { } codes)
        {
            await OidcAnswer.ErrorAsync(
                context, "slow_down", "Too many programs of this address wait. Try again in ten minutes.",
                StatusCodes.Status429TooManyRequests);
            return;
        }
        var page = caller.Issuer + Discovery.DevicePage;
        await OidcAnswer.JsonAsync(context, new JsonObject
        {
            ["device_code"] = codes.DeviceCode,
            ["user_code"] = codes.UserCode,
            ["verification_uri"] = page,
            ["verification_uri_complete"] = $"{page}?code={codes.UserCode}",
            ["expires_in"] = (int)OidcOptions.DeviceLifetime.TotalSeconds,
            ["interval"] = (int)OidcOptions.DeviceInterval.TotalSeconds,
        });
    }

    /// <summary>The service that asks, and its parameters; otherwise the answer has been given.</summary>
    private async Task<(TokenCaller Caller, Dictionary<string, string> Form)?> ProveAsync(HttpContext context)
    {
        OidcAnswer.ForbidKeeping(context);
        if (issuers.Of(context.Request) is not { } issuer)
        {
            await OidcAnswer.NoIssuerAsync(context);
            return null;
        }
        if (await OidcForm.ReadAsync(context) is not { } form || PartyProof.Of(context.Request, form) is not { } proof)
        {
            await OidcAnswer.ErrorAsync(
                context, "invalid_request", "Send each parameter once, in a form, and the secret in one place.");
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(context.RequestAborted);
        if (await proof.FindAsync(db, context.RequestAborted) is { } party)
            return (new TokenCaller(party, issuer, context.Connection.RemoteIpAddress?.ToString()), form);

        await OidcAnswer.UnknownPartyAsync(context);
        return null;
    }

    private async Task<bool> IsOfAsync(RelyingParty party, IssuedToken token, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Grants.AnyAsync(
            row => row.Id == token.GrantId && row.PartyId == party.Id, cancellationToken);
    }

    private async Task<JsonObject> DescribeAsync(TokenCaller caller, string text, CancellationToken cancellationToken)
    {
        var token = await grants.FindTokenAsync(text, kind: null, cancellationToken);
        if (token is null or { SpentAt: not null } || token.ExpiresAt <= time.GetUtcNow()
            || await grants.FindLiveAsync(token.GrantId, cancellationToken) is not { } live
            || live.Party.Id != caller.Party.Id)
            return new JsonObject { ["active"] = false };

        return new JsonObject
        {
            ["active"] = true,
            ["scope"] = string.Join(' ', token.Scopes),
            ["client_id"] = live.Party.ClientId,
            ["username"] = live.Subject.Email,
            ["token_type"] = token.Kind == TokenKind.Access ? "Bearer" : "refresh_token",
            ["exp"] = token.ExpiresAt.ToUnixTimeSeconds(),
            ["iat"] = token.IssuedAt.ToUnixTimeSeconds(),
            ["sub"] = SubjectFacts.SubjectOf(live.Grant.PersonId),
            ["aud"] = live.Party.ClientId,
            ["iss"] = caller.Issuer,
        };
    }

    private JsonObject ToJson(TokenAnswer.Issued issued)
    {
        var json = new JsonObject
        {
            ["access_token"] = issued.Tokens.Access,
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)(issued.Tokens.ExpiresAt - time.GetUtcNow()).TotalSeconds,
            ["scope"] = string.Join(' ', issued.Scopes),
            ["id_token"] = issued.IdToken,
        };
        if (issued.Tokens.Refresh is { } refresh) json["refresh_token"] = refresh;
        return json;
    }
}
