using Beffroi.Identity.Access;

namespace Beffroi.Portal.Platform;

/// <summary>What only the server itself knows of the house: disks, database, certificate.</summary>
public interface IHouse
{
    /// <summary>Looks at everything now; what does not answer within seconds is said not to.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    Task<HouseFacts> LookAsync(Caller caller, CancellationToken cancellationToken);
}

/// <summary>The house as it stands.</summary>
/// <param name="Certificate">None where the server itself speaks no TLS.</param>
public sealed record HouseFacts(
    string Version, DateTimeOffset StartedAt, DatabaseFacts Database, IReadOnlyList<StoreFacts> Stores,
    CertificateFacts? Certificate);

/// <summary>The database.</summary>
/// <param name="Bytes">How big it is; none if it does not answer.</param>
/// <param name="IsPrivate">Whether the server runs it itself.</param>
public sealed record DatabaseFacts(bool Answers, TimeSpan Took, long? Bytes, string? Version, bool IsPrivate);

/// <summary>What a store is for.</summary>
public enum StoreUse
{
    /// <summary>Backups.</summary>
    Blobs,

    /// <summary>The server's own database.</summary>
    Database,

    /// <summary>Papers of the members' register.</summary>
    Documents,
}

/// <summary>A place where things are kept.</summary>
/// <param name="Place">Folder, or bucket and address.</param>
/// <param name="Code">Why it does not answer, as in docs/errors.md; none if it does.</param>
/// <param name="FreeBytes">What uploads may still fill; none where the store does not say.</param>
public sealed record StoreFacts(
    StoreUse Use, string Place, bool Answers, string? Code, long? FreeBytes, long? TotalBytes);

/// <summary>The certificate that the server shows.</summary>
/// <param name="IsOwn">Whether it is made by the server's own authority, anew at a start.</param>
public sealed record CertificateFacts(string Subject, DateTimeOffset Until, bool IsOwn);
