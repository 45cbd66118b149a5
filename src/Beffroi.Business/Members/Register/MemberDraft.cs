using Beffroi.Identity.Access;

namespace Beffroi.Business.Members.Register;

/// <summary>A member's file as a form.</summary>
public sealed record MemberDraft
{
    public const int PopulationMax = 100_000_000;

    public required string Name { get; init; }
    public MemberKind? Kind { get; init; }
    public MemberClass? Class { get; init; }
    public int? Population { get; init; }
    public int? PopulationYear { get; init; }

    /// <summary>INSEE code, such as <c>80021</c> or <c>2A004</c>.</summary>
    public string? CommuneCode { get; init; }

    /// <summary>Follows from the commune if it is not given.</summary>
    public string? Departement { get; init; }

    public string? EpciSiren { get; init; }
    public string? EpciName { get; init; }
    public string? Street { get; init; }
    public string? PostalCode { get; init; }
    public string? City { get; init; }
    public string? Mail { get; init; }
    public string? Phone { get; init; }
    public string? Website { get; init; }

    internal MemberDraft Tidied() => this with
    {
        Name = Name.Trim(),
        CommuneCode = FormCheck.Text(CommuneCode)?.ToUpperInvariant(),
        Departement = FormCheck.Text(Departement)?.ToUpperInvariant(),
        EpciSiren = FormCheck.Text(EpciSiren)?.Replace(" ", "", StringComparison.Ordinal),
        EpciName = FormCheck.Text(EpciName),
        Street = FormCheck.Text(Street),
        PostalCode = FormCheck.Text(PostalCode),
        City = FormCheck.Text(City),
        Mail = FormCheck.Text(Mail),
        Phone = FormCheck.Text(Phone),
        Website = FormCheck.Text(Website),
    };

    internal FormCheck Check(DateOnly today) => MemberReach.Of(this).Check(new FormCheck()
        .Needs(nameof(Name), Name)
        .Within(nameof(Population), Population, 0, PopulationMax)
        .Within(nameof(PopulationYear), PopulationYear, 1900, today.Year)
        .May(nameof(CommuneCode), CommuneCode, PublicCodes.IsCommune)
        .May(nameof(Departement), Departement, PublicCodes.IsDepartement)
        .May(nameof(EpciSiren), EpciSiren, PublicCodes.IsSiren)
        .May(nameof(EpciName), EpciName));
}

/// <summary>How to reach a member, as a form: what its own people keep up to date.</summary>
public sealed record MemberReach(
    string? Street, string? PostalCode, string? City, string? Mail, string? Phone, string? Website)
{
    /// <summary>What of a whole file says how to reach the member.</summary>
    public static MemberReach Of(MemberDraft file) =>
        new(file.Street, file.PostalCode, file.City, file.Mail, file.Phone, file.Website);

    internal MemberReach Tidied() => new(
        FormCheck.Text(Street), FormCheck.Text(PostalCode), FormCheck.Text(City), FormCheck.Text(Mail),
        FormCheck.Text(Phone), FormCheck.Text(Website));

    internal FormCheck Check(FormCheck? check = null) => (check ?? new FormCheck())
        .May(nameof(Street), Street)
        .May(nameof(PostalCode), PostalCode, PublicCodes.IsPostalCode)
        .May(nameof(City), City)
        .May(nameof(Mail), Mail, PublicCodes.IsMail)
        .May(nameof(Phone), Phone, PublicCodes.IsPhone)
        .May(nameof(Website), Website, PublicCodes.IsWebsite);
}

/// <summary>A site as a form.</summary>
public sealed record SiteDraft(
    string Name, string? Street = null, string? PostalCode = null, string? City = null, SiteLink? Link = null,
    decimal? MeasuredMbps = null, DateOnly? MeasuredOn = null, bool IsInGfu = false)
{
    internal const decimal MbpsMax = 400_000;

    internal SiteDraft Tidied() => this with
    {
        Name = Name.Trim(),
        Street = FormCheck.Text(Street),
        PostalCode = FormCheck.Text(PostalCode),
        City = FormCheck.Text(City),
    };

    internal FormCheck Check(DateOnly today) => new FormCheck()
        .Needs(nameof(Name), Name)
        .May(nameof(Street), Street)
        .May(nameof(PostalCode), PostalCode, PublicCodes.IsPostalCode)
        .May(nameof(City), City)
        .Within(nameof(MeasuredMbps), MeasuredMbps, 0.01m, MbpsMax)
        .Within(nameof(MeasuredOn), MeasuredOn, new DateOnly(2000, 1, 1), today);
}

/// <summary>An inventory entry as a form.</summary>
/// <param name="DeviceId">The enrolled device that this is; the caller has looked it up in Fleet.</param>
public sealed record InventoryDraft(
    string Label, InventoryKind Kind, SiteId? SiteId = null, string? OperatingSystem = null, Guid? DeviceId = null)
{
    internal InventoryDraft Tidied() => this with
    {
        Label = Label.Trim(),
        OperatingSystem = FormCheck.Text(OperatingSystem),
    };

    internal FormCheck Check() => new FormCheck()
        .Needs(nameof(Label), Label)
        .May(nameof(OperatingSystem), OperatingSystem);
}

/// <summary>A contact as a form.</summary>
public sealed record ContactDraft(
    string Name, string? Function = null, string? Mail = null, string? Phone = null, PersonId? PersonId = null)
{
    internal ContactDraft Tidied() => this with
    {
        Name = Name.Trim(),
        Function = FormCheck.Text(Function),
        Mail = FormCheck.Text(Mail),
        Phone = FormCheck.Text(Phone),
    };

    internal FormCheck Check() => new FormCheck()
        .Needs(nameof(Name), Name)
        .May(nameof(Function), Function)
        .May(nameof(Mail), Mail, PublicCodes.IsMail)
        .May(nameof(Phone), Phone, PublicCodes.IsPhone);
}
