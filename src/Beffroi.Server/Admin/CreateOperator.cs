using System.CommandLine;
using Beffroi.Identity;

namespace Beffroi.Server.Admin;

internal sealed record CreatedOperator(Guid OperatorId);

/// <summary>'create-operator': names the operator that every platform has from its first start.</summary>
internal sealed class CreateOperator : AdminVerb<CreatedOperator>
{
    private readonly Option<string> _name = new("--name") { Description = "Name of the syndicate.", Required = true };
    private readonly Option<string> _siret = new("--siret") { Description = "Its SIRET, 14 digits.", Required = true };

    internal CreateOperator()
        : base("create-operator", "Names the operator of this platform.", AdminJson.Default.CreatedOperator)
    {
        Add(_name);
        Add(_siret);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<CreatedOperator> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var id = await services.GetRequiredService<MemberDirectory>().NameOperatorAsync(
            AdminArguments.Name(parsed.GetRequiredValue(_name)),
            AdminArguments.Siret(parsed.GetRequiredValue(_siret)),
            cancellationToken);
        return new CreatedOperator(id.Value);
    }

    protected override string ToText(CreatedOperator answer) => $"Operator {answer.OperatorId} has its name.";
}
