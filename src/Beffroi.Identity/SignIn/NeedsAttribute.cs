using Beffroi.Identity.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.SignIn;

/// <summary>Lets a page or end point be reached only by who may do something, for any member at all; for which member
/// is then asked again where it is done.</summary>
/// <param name="permission">What it takes.</param>
/// <param name="others">What does as well.</param>
public sealed class NeedsAttribute(Permission permission, params Permission[] others)
    : AuthorizeAttribute, IAuthorizationRequirement, IAuthorizationRequirementData
{
    /// <summary>What it takes: any of them.</summary>
    public IReadOnlyList<Permission> AnyOf { get; } = [permission, .. others];

    /// <inheritdoc/>
    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

/// <summary>Answers <see cref="NeedsAttribute"/>.</summary>
internal sealed class NeedsHandler(IHttpContextAccessor http) : AuthorizationHandler<NeedsAttribute>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NeedsAttribute requirement)
    {
        var caller = http.HttpContext is { } now ? SessionCookie.CallerOf(now) : null;
        if (caller is not null && requirement.AnyOf.Any(permission => caller.Can(permission)))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
