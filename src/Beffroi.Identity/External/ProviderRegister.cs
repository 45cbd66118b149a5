using System.Text;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.Keys;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.External;

/// <summary>The providers that may sign people in.</summary>
public sealed class ProviderRegister
{
    internal const string SecretPurpose = "external provider secret v1";

    private readonly IDbContextFactory<IdentityDb> _contexts;
    private readonly Lazy<IKeyWrap> _wrap;
    private readonly ActJournal _journal;
    private readonly TimeProvider _time;

    internal ProviderRegister(
        IDbContextFactory<IdentityDb> contexts, Lazy<IKeyWrap> wrap, ActJournal journal, TimeProvider time) =>
        (_contexts, _wrap, _journal, _time) = (contexts, wrap, journal, time);

    /// <summary>For the sign-in page.</summary>
    public async Task<IReadOnlyList<OfferedProvider>> ListOfferedAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.Providers.Where(row => row.DisabledAt == null).OrderBy(row => row.Name)
            .Select(row => new OfferedProvider(row.Id, row.Name)).ToListAsync(cancellationToken);
    }

    /// <summary>Adds a provider, or changes the one of that id and switches it on.</summary>
    /// <returns>False if the settings cannot work.</returns>
    public async Task<bool> SetAsync(Caller caller, ProviderSettings settings, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        if (!settings.IsSound()) return false;
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.Providers.SingleOrDefaultAsync(each => each.Id == settings.Id, cancellationToken);
        if (row is null)
        {
            row = new ExternalProvider
            {
                Id = settings.Id, Name = "", Issuer = "", ClientId = "", SealedSecret = [], Scopes = [],
                CreatedAt = _time.GetUtcNow(),
            };
            db.Providers.Add(row);
        }
        (row.Name, row.Issuer, row.ClientId) = (settings.Name.Trim(), settings.Issuer, settings.ClientId);
        row.SealedSecret = _wrap.Value.Wrap(Encoding.UTF8.GetBytes(settings.Secret), SecretPurpose);
        (row.Scopes, row.AcrValues) = ([.. settings.Scopes], settings.AcrValues);
        row.RequiresSignedUserInfo = settings.RequiresSignedUserInfo;
        (row.CreatesAccounts, row.DisabledAt) = (settings.CreatesAccounts, null);
        await NoteAsync(db, caller, Acts.ProviderSet, row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Switches a provider off: nobody comes by it any more; links to accounts stay.</summary>
    /// <returns>False if there is none of that id.</returns>
    public async Task<bool> SwitchOffAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        caller.Demand(Permission.ManagePlatform);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Providers.SingleOrDefaultAsync(each => each.Id == id, cancellationToken) is not { } row)
            return false;
        row.DisabledAt ??= _time.GetUtcNow();
        await NoteAsync(db, caller, Acts.ProviderSwitchedOff, row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    internal async Task<ExternalProvider?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.Providers.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == id && row.DisabledAt == null, cancellationToken);
    }

    internal string SecretOf(ExternalProvider provider) =>
        Encoding.UTF8.GetString(_wrap.Value.Unwrap(provider.SealedSecret, SecretPurpose));

    private Task NoteAsync(
        IdentityDb db, Caller caller, string act, ExternalProvider row, CancellationToken cancellationToken) =>
        _journal.AppendAsync(
            db, PrivilegedAct.Of(caller, act, null, ("provider", row.Id), ("issuer", row.Issuer)), cancellationToken);
}
