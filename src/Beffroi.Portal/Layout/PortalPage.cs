using Beffroi.Identity.Access;
using Beffroi.Identity.SignIn;
using Beffroi.Portal.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Layout;

/// <summary>What every page has at hand: the request, who asks, the texts of their language.</summary>
public abstract class PortalPage : ComponentBase
{
    /// <summary>The request; pages are rendered on the server and once.</summary>
    [CascadingParameter]
    public HttpContext Http { get; set; } = default!; // Set by the framework before anything else.

    [Inject]
    internal Text T { get; set; } = default!; // Likewise.

    [Inject]
    internal Words Words { get; set; } = default!;

    /// <summary>Who asks. Pages for anybody must ask <see cref="MaybeCaller"/>.</summary>
    protected Caller Caller => MaybeCaller ?? throw new InvalidOperationException(
        $"{Http.Request.Path} was reached without signing in, but it reads who is signed in.");

    /// <summary>Who asks, if anybody is signed in.</summary>
    protected Caller? MaybeCaller => SessionCookie.CallerOf(Http);

    /// <summary>Ends when the browser goes away.</summary>
    protected CancellationToken Leaving => Http.RequestAborted;
}
