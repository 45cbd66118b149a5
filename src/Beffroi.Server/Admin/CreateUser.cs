using System.CommandLine;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.People;

namespace Beffroi.Server.Admin;

internal sealed record CreatedUser(Guid UserId);

/// <summary>'create-user': somebody who signs in with a password, for the operator or for a member.</summary>
internal sealed class CreateUser : AdminVerb<CreatedUser>
{
    private static readonly Dictionary<string, Role> OperatorRoles = new(StringComparer.Ordinal)
    {
        ["operator"] = Role.Direction,
        ["operations"] = Role.Operations,
        ["support"] = Role.Support,
        ["accounting"] = Role.Accounting,
        ["data-protection"] = Role.DataProtection,
    };

    private static readonly Dictionary<string, Role> MemberRoles = new(StringComparer.Ordinal)
    {
        ["referent"] = Role.Referent,
        ["administrator"] = Role.FunctionalAdministrator,
        ["executive"] = Role.Executive,
        ["agent"] = Role.Agent,
        ["provider"] = Role.Provider,
    };

    private readonly Option<Guid?> _member = new("--member")
    {
        Description = "Id of the member; without it the person works for the operator.",
    };

    private readonly Option<string> _email =
        new("--email") { Description = "Address to sign in with.", Required = true };
    private readonly Option<string> _name = new("--name") { Description = "First and last name.", Required = true };
    private readonly Option<string> _role = new("--role")
    {
        Description = $"With --member: {string.Join(", ", MemberRoles.Keys)}; without: "
            + $"{string.Join(", ", OperatorRoles.Keys)}.",
        Required = true,
    };

    private readonly Option<string> _password = new("--password")
    {
        Description = "At least 12 characters; '-' reads it from standard input.",
        Required = true,
    };

    internal CreateUser()
        : base(
            "create-user",
            "Adds an account, or gives the account of that address a further role; its name and password then stay.",
            AdminJson.Default.CreatedUser)
    {
        Add(_member);
        Add(_email);
        Add(_name);
        Add(_role);
        Add(_password);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<CreatedUser> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        MemberId? member = parsed.GetValue(_member) is { } id ? new MemberId(id) : null;
        var roles = member is null ? OperatorRoles : MemberRoles;
        if (!roles.TryGetValue(parsed.GetRequiredValue(_role), out var role))
            throw Misused($"A role {(member is null ? "without" : "with")} --member is one of "
                + $"{string.Join(", ", roles.Keys)}.");

        if (member is { } known)
            await AdminArguments.MemberAsync(services, known.Value, cancellationToken);
        var password = parsed.GetRequiredValue(_password);
        if (password == "-") password = await Console.In.ReadLineAsync(cancellationToken) ?? "";

        await using var scope = services.CreateAsyncScope();
        var added = await scope.ServiceProvider.GetRequiredService<PeopleDesk>().AddAsync(
            Caller.System(Actor),
            new NewPerson(
                Email(parsed.GetRequiredValue(_email)), AdminArguments.Name(parsed.GetRequiredValue(_name)), role,
                member),
            password, cancellationToken);
        return added switch
        {
            AddedPerson.Done done => new CreatedUser(done.Id.Value),
            AddedPerson.Refused refused => throw Misused(
                $"The account was not made: {string.Join(", ", refused.Faults)}. A password has 12 to 256 characters "
                    + "and is neither common nor like the name or the address."),
            _ => throw new InvalidOperationException("An answer that nobody thought of."),
        };
    }

    protected override string ToText(CreatedUser answer) => $"Account {answer.UserId} can sign in now.";

    private static string Email(string text) =>
        System.Net.Mail.MailAddress.TryCreate(text.Trim(), out var address) && address.Address == text.Trim()
            ? address.Address
            : throw Misused($"'{text}' is not a mail address.");
}
