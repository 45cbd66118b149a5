using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.Oidc.Keys;

namespace Beffroi.Server.Admin.SignOn;

internal sealed record ReplacedKeys(int Minutes);

/// <summary>'replace-signing-keys': after the theft of the keys that sign tokens.</summary>
internal sealed class ReplaceSigningKeys() : AdminVerb<ReplacedKeys>(
    "replace-signing-keys", "Replaces the keys that sign tokens, because somebody else may have them.",
    AdminJson.Default.ReplacedKeys)
{
    protected override bool UsesBlobs => false;

    protected override async Task<ReplacedKeys> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<SigningKeyDesk>().ReplaceAllAsync(Caller.System(Actor), cancellationToken);
        return new ReplacedKeys((int)SigningKeyDesk.KnownFor.TotalMinutes);
    }

    protected override string ToText(ReplacedKeys answer) =>
        $"The keys are replaced. Servers that run sign with the new ones in {answer.Minutes} minutes at the latest; "
        + "restart them to have it at once. Have services fetch the list of keys again.";
}
