using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Beffroi.Intake.Sessions;

/// <summary>Gives a device something to sign.</summary>
internal static class IssueChallenge
{
    internal static void Map(IEndpointRouteBuilder intake) => intake.MapPost("/challenges", Handle);

    internal static JsonHttpResult<ChallengeAnswer> Handle(ChallengeRequest request, SessionDesk desk) =>
        TypedResults.Json(
        new ChallengeAnswer(desk.Challenge(new DeviceId(request.Device))), ProtocolJson.Default.ChallengeAnswer);
}
