using System.CommandLine;
using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Enrolment;
using Beffroi.Server.Configuration;
using Beffroi.Server.Tls;
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

    internal IssueEnrolmentToken()
        : base("enrolment-token", "Issues a token with which one machine enrols, once.", AdminJson.Default.TokenAnswer)
    {
        Add(_member);
        Add(_kind);
        Add(_replace);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<TokenAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<ServerOptions>();
        var time = services.GetRequiredService<TimeProvider>();
        var kind = AdminArguments.Kind(parsed.GetRequiredValue(_kind));
        var (_, vault) = await AdminArguments.MemberAsync(services, parsed.GetValue(_member), cancellationToken);
        DeviceId? replaces = parsed.GetValue(_replace) is { } device ? new DeviceId(device) : null;
        var asked = new NewToken(vault.Id, kind, replaces, TimeSpan.FromDays(options.EnrolmentTokenDays));
        var folder = services.GetRequiredService<DataFolder>();
        var authority = ServerCertificates.FingerprintForTokens(options, folder, time);
        var token = await services.GetRequiredService<EnrolmentDesk>()
            .IssueAsync(asked, authority, Actor, cancellationToken);
        return new TokenAnswer(token.ToText(), time.GetUtcNow() + asked.Lifetime);
    }

    protected override string ToText(TokenAnswer answer) =>
        $"{answer.Token}\nGood for one machine until {answer.ExpiresAt:yyyy-MM-dd HH:mm} UTC: beffroi enroll --server "
            + "URL --token TOKEN";
}
