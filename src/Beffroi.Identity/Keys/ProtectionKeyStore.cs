using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Keys;

/// <summary>Keeps data protection's keys in PostgreSQL, so that N servers read each other's cookies.</summary>
internal sealed class ProtectionKeyStore(IDbContextFactory<IdentityDb> contexts, TimeProvider time) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = contexts.CreateDbContext(); // The framework's interface is synchronous; asked once a day.
        var rows = db.ProtectionKeys.AsNoTracking().OrderBy(row => row.CreatedAt).Select(row => row.Xml).ToList();
        return [.. rows.Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = contexts.CreateDbContext();
        db.ProtectionKeys.Add(new ProtectionKey
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            Name = friendlyName,
            Xml = element.ToString(SaveOptions.DisableFormatting),
            CreatedAt = time.GetUtcNow(),
        });
        db.SaveChanges();
    }
}
