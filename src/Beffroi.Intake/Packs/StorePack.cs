using Beffroi.Intake.Failures;
using Beffroi.Intake.Sessions;
using Beffroi.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Packs;

/// <summary>Stores a pack; whatever the answer's status of success, it is then durable and indexed.</summary>
internal static class StorePack
{
    internal static void Map(IEndpointRouteBuilder intake) =>
        intake.MapPut("/packs/{id}", HandleAsync).For(SessionPurpose.Backup);

    internal static async Task<StatusCodeHttpResult> HandleAsync(
        string id, Session session, HttpContext context, PackIntake packs, CancellationToken cancellationToken)
    {
        if (!Digest256.TryParse(id, out var pack))
            throw Refusal.Malformed($"'{id}' is no id of a pack: 64 hexadecimal digits in lower case.");

        var isNew = await packs.StoreAsync(session.Device, new PackId(pack), context, cancellationToken);
        return TypedResults.StatusCode(isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
