using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Intake.Sessions;

/// <summary>The session that a request belongs to. An endpoint that takes one as a parameter serves nobody
/// without.</summary>
internal sealed record Session(KnownDevice Device, Guid Id, SessionPurpose Purpose)
{
    /// <summary>Called by the framework before the endpoint.</summary>
    public static async ValueTask<Session?> BindAsync(HttpContext context) =>
        await context.RequestServices.GetRequiredService<SessionDesk>().AdmitAsync(context);
}
