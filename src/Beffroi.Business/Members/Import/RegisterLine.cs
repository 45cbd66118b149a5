using Beffroi.Business.Members.Register;
using Beffroi.Identity;

namespace Beffroi.Business.Members.Import;

/// <summary>A body as a line of the file describes it, checked.</summary>
internal sealed record RegisterLine
{
    internal required int Line { get; init; }
    internal required int SiretColumn { get; init; }
    internal required Siret Siret { get; init; }
    internal required MemberKind Kind { get; init; }
    internal required string Name { get; init; }
    internal int? Population { get; init; }
    internal string? CommuneCode { get; init; }
    internal string? PostalCode { get; init; }
    internal string? Departement { get; init; }
    internal string? EpciSiren { get; init; }
    internal string? EpciName { get; init; }
    internal string? Mail { get; init; }
    internal string? Website { get; init; }
    internal string? Phone { get; init; }
}
