using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Sessions;

/// <summary>The purposes of sessions that an endpoint serves. One that takes a <see cref="Session"/> and names none
/// serves nobody: a new verb is closed until somebody has thought about it.</summary>
internal sealed record ServedPurposes(SessionPurpose Purposes)
{
    /// <exception cref="Refusal">403 with <see cref="ErrorCode.Forbidden"/>.</exception>
    internal static void Demand(HttpContext context, SessionPurpose purpose)
    {
        var served = context.GetEndpoint()?.Metadata.GetMetadata<ServedPurposes>()
            ?? throw new InvalidOperationException($"{context.Request.Path} names no purpose that it serves.");
        if (served.Purposes.HasFlag(purpose)) return;

        throw new Refusal(
            StatusCodes.Status403Forbidden, ErrorCode.Forbidden, retryable: false,
            $"This session was opened for '{SessionPurposeText.Of(purpose)}', which does not include "
                + $"'{context.Request.Method} {context.Request.Path}'. Nothing was done. The agent opens a session for "
                + "what it is about to do; update it, and if it is up to date, find out who uses this device's token.");
    }
}

/// <summary>Lets endpoints say whom they serve.</summary>
internal static class ServedPurposesExtensions
{
    internal static void For(this RouteHandlerBuilder endpoint, SessionPurpose purposes) =>
        endpoint.WithMetadata(new ServedPurposes(purposes));
}
