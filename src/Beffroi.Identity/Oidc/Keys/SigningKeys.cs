using Beffroi.Identity.Keys;
using Beffroi.Identity.Oidc.Jose;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.Oidc.Keys;

/// <summary>The keys at one time.</summary>
/// <param name="Published">What services may verify with.</param>
/// <param name="Signing">By algorithm, the one that signs.</param>
internal sealed record KeyRing(IReadOnlyList<JwsKey> Published, IReadOnlyDictionary<string, JwsKey> Signing);

/// <summary>The portal's signing keys: made, kept sealed, and followed by new ones by themselves.</summary>
internal sealed class SigningKeys(IDbContextFactory<IdentityDb> contexts, Lazy<IKeyWrap> wrap, TimeProvider time)
    : IDisposable
{
    internal static readonly IReadOnlyList<string> Algorithms = [JwsKey.Rs256, JwsKey.Es256];

    // Far less than the two days for which a key is announced before it signs.
    internal static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(5);

    private const string Purpose = "token signing key v1";
    private const long MakeLock = 0x6A776B73; // "jwks" as ASCII bytes.

    private readonly SemaphoreSlim _turn = new(1);
    private volatile KeyReading? _last;

    internal async Task<KeyRing> GetAsync(CancellationToken cancellationToken)
    {
        if (_last is { } last && IsRecent(last.ReadAt)) return last.Ring;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } read && IsRecent(read.ReadAt)) return read.Ring;
            var now = time.GetUtcNow();
            var ring = RingOf(await ReadAsync(now, cancellationToken), now);
            _last = new KeyReading(ring, now);
            return ring;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Of a stolen key nothing may be believed any more: all keys go, and new ones sign at once. Every service
    /// has to fetch the list of keys again.</summary>
    internal async Task ReplaceAllAsync(IdentityDb db, CancellationToken cancellationToken)
    {
        await db.SigningKeys.ExecuteDeleteAsync(cancellationToken);
        foreach (var algorithm in Algorithms) Add(db, algorithm, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        _last = null;
    }

    public void Dispose() => _turn.Dispose();

    private bool IsRecent(DateTimeOffset readAt) => time.GetUtcNow() - readAt < ReadAgainAfter;

    private async Task<List<SigningKeyRow>> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.SigningKeys.AsNoTracking().ToListAsync(cancellationToken);
        if (Wanted(rows, now).Count == 0) return rows;

        // One server makes them; the others wait and find them.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({MakeLock})", cancellationToken);
        rows = await db.SigningKeys.AsNoTracking().ToListAsync(cancellationToken);
        rows.AddRange(Wanted(rows, now).Select(wanted => Add(db, wanted.Algorithm, wanted.From)));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows;
    }

    private static List<(string Algorithm, DateTimeOffset From)> Wanted(List<SigningKeyRow> rows, DateTimeOffset now) =>
    [
        .. from algorithm in Algorithms
           let next = KeyCalendar.NextFrom(Of(rows, algorithm).ConvertAll(row => row.SignsFrom), now)
           where next is not null
           select (algorithm, next.Value),
    ];

    private SigningKeyRow Add(IdentityDb db, string algorithm, DateTimeOffset from)
    {
        var key = JwsKey.Create(algorithm);
        var row = new SigningKeyRow
        {
            Id = key.Id,
            Algorithm = algorithm,
            Sealed = wrap.Value.Wrap(key.ExportPrivate(), Purpose),
            CreatedAt = time.GetUtcNow(),
            SignsFrom = from,
        };
        db.SigningKeys.Add(row);
        return row;
    }

    private KeyRing RingOf(List<SigningKeyRow> rows, DateTimeOffset now)
    {
        var published = new List<JwsKey>();
        var signing = new Dictionary<string, JwsKey>(StringComparer.Ordinal);
        foreach (var algorithm in Algorithms)
        {
            var own = Of(rows, algorithm);
            var times = own.ConvertAll(row => row.SignsFrom);
            for (var i = 0; i < own.Count; i++)
            {
                if (!KeyCalendar.IsPublished(times, i, now)) continue;
                var key = JwsKey.FromPrivate(algorithm, wrap.Value.Unwrap(own[i].Sealed, Purpose));
                published.Add(key);
                if (i == KeyCalendar.SigningNow(times, now)) signing.Add(algorithm, key);
            }
        }
        return new KeyRing(published, signing);
    }

    private static List<SigningKeyRow> Of(List<SigningKeyRow> rows, string algorithm) =>
        [.. rows.Where(row => row.Algorithm == algorithm).OrderBy(row => row.SignsFrom)];

    private sealed record KeyReading(KeyRing Ring, DateTimeOffset ReadAt);
}
