using Beffroi.Business.Members.Register;

namespace Beffroi.Portal.Members.Register;

/// <summary>A member's file as a form sends it.</summary>
public sealed class MemberFields
{
    /// <summary>Revision of what the form showed.</summary>
    public string? Seen { get; set; }

    public string? Siret { get; set; }
    public string? Name { get; set; }
    public string? Kind { get; set; }
    public string? Class { get; set; }
    public string? Population { get; set; }
    public string? PopulationYear { get; set; }
    public string? CommuneCode { get; set; }
    public string? Departement { get; set; }
    public string? EpciSiren { get; set; }
    public string? EpciName { get; set; }
    public string? Street { get; set; }
    public string? PostalCode { get; set; }
    public string? City { get; set; }
    public string? Mail { get; set; }
    public string? Phone { get; set; }
    public string? Website { get; set; }

    internal static MemberFields Of(MemberView member) => new()
    {
        Seen = member.Revision,
        Siret = member.Siret,
        Name = member.Data.Name,
        Kind = member.Data.Kind?.ToString(),
        Class = member.Data.Class?.ToString(),
        Population = FieldText.Of(member.Data.Population),
        PopulationYear = FieldText.Of(member.Data.PopulationYear),
        CommuneCode = member.Data.CommuneCode,
        Departement = member.Data.Departement,
        EpciSiren = member.Data.EpciSiren,
        EpciName = member.Data.EpciName,
        Street = member.Data.Street,
        PostalCode = member.Data.PostalCode,
        City = member.Data.City,
        Mail = member.Data.Mail,
        Phone = member.Data.Phone,
        Website = member.Data.Website,
    };

    internal MemberDraft ToDraft(FieldText reading) => new()
    {
        Name = Name ?? "",
        Kind = reading.One<MemberKind>(nameof(Kind), Kind),
        Class = reading.One<MemberClass>(nameof(Class), Class),
        Population = reading.Whole(nameof(Population), Population),
        PopulationYear = reading.Whole(nameof(PopulationYear), PopulationYear),
        CommuneCode = CommuneCode,
        Departement = Departement,
        EpciSiren = EpciSiren,
        EpciName = EpciName,
        Street = Street,
        PostalCode = PostalCode,
        City = City,
        Mail = Mail,
        Phone = Phone,
        Website = Website,
    };

    internal MemberReach ToReach() => new(Street, PostalCode, City, Mail, Phone, Website);

    /// <summary>Where the register now says something else than this form does.</summary>
    /// <param name="onlyReach">Whether the form has only the ways to reach the member.</param>
    internal IReadOnlyList<(string Field, string? Value)> DiffersFrom(MemberView member, bool onlyReach)
    {
        var now = Of(member);
        (string Field, string? Mine, string? Theirs)[] all =
        [
            (nameof(Name), Name, now.Name), (nameof(Kind), Kind, now.Kind), (nameof(Class), Class, now.Class),
            (nameof(Population), Population, now.Population),
            (nameof(PopulationYear), PopulationYear, now.PopulationYear),
            (nameof(CommuneCode), CommuneCode, now.CommuneCode), (nameof(Departement), Departement, now.Departement),
            (nameof(EpciSiren), EpciSiren, now.EpciSiren), (nameof(EpciName), EpciName, now.EpciName),
            (nameof(Street), Street, now.Street), (nameof(PostalCode), PostalCode, now.PostalCode),
            (nameof(City), City, now.City), (nameof(Mail), Mail, now.Mail), (nameof(Phone), Phone, now.Phone),
            (nameof(Website), Website, now.Website),
        ];
        var reachFrom = Array.FindIndex(all, field => field.Field == nameof(Street));
        return
        [
            .. all.Skip(onlyReach ? reachFrom : 0)
                .Where(field => (field.Mine ?? "").Trim() != (field.Theirs ?? ""))
                .Select(field => (field.Field, field.Theirs)),
        ];
    }
}
