using Beffroi.Identity.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.SignIn;

/// <summary>Lets a page or end point be reached only by who may do something, for any member at all; for which member
/// is then asked again where it is done.</summary>
public sealed class NeedsAttribute(Permission permission)
    : AuthorizeAttribute, IAuthorizationRequirement, IAuthorizationRequirementData
{
    /// <summary>What it takes.</summary>
    public Permission Permission { get; } = permission;

    /// <inheritdoc/>
    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

/// <summary>Answers <see cref="NeedsAttribute"/>.</summary>
internal sealed class NeedsHandler(IHttpContextAccessor http) : AuthorizationHandler<NeedsAttribute>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NeedsAttribute requirement)
    {
        var caller = http.HttpContext is { } now ? SessionCookie.CallerOf(now) : null;
        if (caller?.Can(requirement.Permission) == true) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
