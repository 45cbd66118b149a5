using Beffroi.Business.Members.Admissions;
using Beffroi.Identity;

namespace Beffroi.Business.Members.Register;

/// <summary>How the register is sorted.</summary>
public enum RegisterSort
{
    Name,
    Population,
    Epci,
    Standing,
    Level,
}

/// <summary>Which part of the register is wanted; what is not given does not matter.</summary>
/// <param name="Search">Words that each occur in the name, the SIRET or the INSEE code; accents do not
/// count.</param>
/// <param name="Admission">Members with an admission in that state.</param>
/// <param name="Page">From 1.</param>
public sealed record RegisterQuery(
    string? Search = null, MemberKind? Kind = null, MemberClass? Class = null, MemberStanding? Standing = null,
    string? EpciSiren = null, string? Departement = null, AdmissionState? Admission = null,
    RegisterSort Sort = RegisterSort.Name, bool Descending = false, int Page = 1, int PageRows = 50)
{
    internal const int PageRowsMax = 200;
    internal const int SearchWordsMax = 8;
}

/// <summary>A line of the register.</summary>
/// <param name="Kind">None while nobody has filled the file in; so for the class.</param>
public sealed record RegisterRow(
    MemberId Id, string Name, string Siret, int? Population, int Level, MemberKind? Kind, MemberClass? Class,
    MemberStanding Standing, string? CommuneCode, string? Departement, string? EpciSiren, string? EpciName);

/// <summary>A page of the register.</summary>
/// <param name="Total">How many lines all pages have.</param>
public sealed record RegisterPage(IReadOnlyList<RegisterRow> Rows, int Total);

/// <summary>How many members of an EPCI stand where; for a map.</summary>
/// <param name="EpciSiren">None for the members without one.</param>
public sealed record EpciCount(
    string? EpciSiren, string? EpciName, IReadOnlyDictionary<MemberStanding, int> Members);
