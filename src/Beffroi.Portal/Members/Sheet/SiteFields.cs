using Beffroi.Business.Members.Register;

namespace Beffroi.Portal.Members.Sheet;

/// <summary>A site as a form sends it.</summary>
public sealed class SiteFields
{
    public string? Seen { get; set; }
    public string? Name { get; set; }
    public string? Street { get; set; }
    public string? PostalCode { get; set; }
    public string? City { get; set; }
    public string? Link { get; set; }
    public string? MeasuredMbps { get; set; }
    public string? MeasuredOn { get; set; }
    public bool IsInGfu { get; set; }

    internal static SiteFields Of(SiteView site) => new()
    {
        Seen = site.Revision,
        Name = site.Data.Name,
        Street = site.Data.Street,
        PostalCode = site.Data.PostalCode,
        City = site.Data.City,
        Link = site.Data.Link?.ToString(),
        MeasuredMbps = FieldText.Of(site.Data.MeasuredMbps),
        MeasuredOn = FieldText.Of(site.Data.MeasuredOn),
        IsInGfu = site.Data.IsInGfu,
    };

    internal SiteDraft ToDraft(FieldText reading) => new(
        Name ?? "", Street, PostalCode, City, reading.One<SiteLink>(nameof(Link), Link),
        reading.Decimal(nameof(MeasuredMbps), MeasuredMbps), reading.Day(nameof(MeasuredOn), MeasuredOn), IsInGfu);
}

/// <summary>A piece of inventory as a form sends it.</summary>
public sealed class ItemFields
{
    public string? Seen { get; set; }
    public string? Label { get; set; }
    public string? Kind { get; set; }
    public string? SiteId { get; set; }
    public string? OperatingSystem { get; set; }
    public string? DeviceId { get; set; }

    internal static ItemFields Of(InventoryView item) => new()
    {
        Seen = item.Revision,
        Label = item.Data.Label,
        Kind = item.Data.Kind.ToString(),
        SiteId = item.Data.SiteId?.Value.ToString(),
        OperatingSystem = item.Data.OperatingSystem,
        DeviceId = item.Data.DeviceId?.ToString(),
    };

    internal InventoryDraft ToDraft(FieldText reading) => new(
        Label ?? "", reading.One<InventoryKind>(nameof(Kind), Kind) ?? InventoryKind.Fixed,
        reading.Id(nameof(SiteId), SiteId) is { } site ? new SiteId(site) : null, OperatingSystem,
        reading.Id(nameof(DeviceId), DeviceId));
}

/// <summary>A contact as a form sends it.</summary>
public sealed class ContactFields
{
    public string? Seen { get; set; }
    public string? Name { get; set; }
    public string? Function { get; set; }
    public string? Mail { get; set; }
    public string? Phone { get; set; }

    internal static ContactFields Of(ContactView contact) => new()
    {
        Seen = contact.Revision,
        Name = contact.Data.Name,
        Function = contact.Data.Function,
        Mail = contact.Data.Mail,
        Phone = contact.Data.Phone,
    };

    /// <param name="known">Keeps the account, which no form changes.</param>
    internal ContactDraft ToDraft(ContactView? known) =>
        new(Name ?? "", Function, Mail, Phone, known?.Data.PersonId);
}
