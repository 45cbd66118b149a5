using System.CommandLine;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Enrolment;
using Beffroi.Identity.Access;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

internal sealed record TokenAnswer(string Token, DateTimeOffset ExpiresAt);

/// <summary>'enrolment-token': what a machine needs to join a member's vault, once.</summary>
internal sealed class IssueEnrolmentToken : AdminVerb<TokenAnswer>
{
    private readonly Option<Guid> _member = new("--member") { Description = "Id of the member.", Required = true };
    private readonly Option<Guid?> _replace = new("--replace")
    {
        Description = "Id of a lost device whose place the new machine takes, with its snapshots.",
    };

    private readonly Option<string> _kind = new("--device-kind")
    {
        Description = "fixed, laptop or server.",
        DefaultValueFactory = _ => DeviceKindText.Of(DeviceKind.Fixed),
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "How the machine is to be called; without it, the machine names itself.",
    };

    internal IssueEnrolmentToken()
        : base("enrolment-token", "Issues a token with which one machine enrols, once.", AdminJson.Default.TokenAnswer)
    {
        Add(_member);
        Add(_kind);
        Add(_replace);
        Add(_name);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<TokenAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var kind = AdminArguments.Kind(parsed.GetRequiredValue(_kind));
        var (member, _) = await AdminArguments.MemberAsync(services, parsed.GetValue(_member), cancellationToken);
        DeviceId? replaces = parsed.GetValue(_replace) is { } device ? new DeviceId(device) : null;
        var outcome = await services.GetRequiredService<EnrolmentDesk>().IssueAsync(
            Caller.System(Actor), new NewToken(member.Id, kind, parsed.GetValue(_name), replaces), cancellationToken);
        return outcome switch
        {
            TokenOutcome.Issued issued => new TokenAnswer(issued.Token, issued.ExpiresAt),
            TokenOutcome.Invalid { Fault: TokenFault.DeviceUnknown } => throw AdminArguments.NoDevice(replaces!.Value),
            TokenOutcome.Invalid { Fault: TokenFault.NameInvalid } => throw Misused(
                "A name has 1 to 200 characters on one line."),
            _ => throw Misused(
                "This member has too many open tokens. Wait until some are used or expired, or revoke them in the "
                + "portal (Ajouter un poste)."),
        };
    }

    protected override string ToText(TokenAnswer answer) =>
        $"{answer.Token}\nGood for one machine until {answer.ExpiresAt:yyyy-MM-dd HH:mm} UTC: beffroi enroll --server "
            + "URL --token -, which asks for it";
}
