using System.Security.Claims;
using Beffroi.Identity.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Identity.SignIn;

/// <summary>The cookie of a session, and the caller of a request.</summary>
public static class SessionCookie
{
    /// <summary>Authentication scheme of people; agents have their own, without cookies.</summary>
    public const string Scheme = "session";

    private const string SessionClaim = "sid";
    private const string SubjectClaim = "sub";

    /// <summary>Gives the browser its cookie. A session that the browser had before has been left to end by
    /// itself or by <see cref="SignOutAsync"/>; its id is never taken over.</summary>
    public static Task SignInAsync(HttpContext context, OpenedSession session)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(SessionClaim, session.Id.ToString("N")),
                new Claim(SubjectClaim, session.Person.ToString()),
            ],
            Scheme, SubjectClaim, roleType: null);
        return context.SignInAsync(
            Scheme, new ClaimsPrincipal(identity),
            new AuthenticationProperties { ExpiresUtc = session.ExpiresAt, AllowRefresh = false });
    }

    /// <summary>Ends the session and takes the cookie back.</summary>
    public static async Task SignOutAsync(HttpContext context)
    {
        if (SessionOf(context) is { } session)
        {
            var sessions = context.RequestServices.GetRequiredService<SessionBook>();
            await sessions.EndAsync(session, context.RequestAborted);
        }
        await context.SignOutAsync(Scheme);
    }

    /// <summary>The session of a request that is signed in.</summary>
    public static Guid? SessionOf(HttpContext context) =>
        Guid.TryParse(context.User.FindFirstValue(SessionClaim), out var session) ? session : null;

    /// <summary>Who asks; none if nobody is signed in.</summary>
    public static Caller? CallerOf(HttpContext context) => context.Features.Get<Caller>();

    internal static void Configure(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "beffroi";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax; // A service that signs in with the portal sends people here.
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // Plain HTTP is served to this computer alone.
        cookie.LoginPath = "/connexion";
        cookie.AccessDeniedPath = "/refus";
        cookie.ReturnUrlParameter = "suite";
        cookie.SlidingExpiration = false;
        cookie.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>Reads the session and the roles anew for each request: what was ended or taken away counts at
    /// once.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        if (http.Features.Get<IExceptionHandlerFeature>() is not null)
        {
            context.RejectPrincipal(); // The page of a failure is anybody's, and the database may be what failed.
            return;
        }
        var caller = Guid.TryParse(context.Principal?.FindFirstValue(SessionClaim), out var session)
            ? await http.RequestServices.GetRequiredService<SessionBook>()
                .FindCallerAsync(session, http.Connection.RemoteIpAddress?.ToString(), http.RequestAborted)
            : null;
        if (caller is null)
        {
            context.RejectPrincipal();
            await http.SignOutAsync(Scheme);
            return;
        }
        http.Features.Set(caller);
    }
}
