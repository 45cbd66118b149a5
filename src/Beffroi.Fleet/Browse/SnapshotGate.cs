using System.Security.Cryptography;
using Beffroi.Fleet.Consents;
using Beffroi.Fleet.KeyService;
using Beffroi.Fleet.MemberLog;
using Beffroi.Fleet.Snapshots;
using Beffroi.Fleet.Vaults;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Identity.Journal;
using Beffroi.Intake;
using Beffroi.Intake.Records;
using Beffroi.Vault;
using Beffroi.Vault.Stores;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Browse;

/// <summary>The one door to what backups hold, for people: nothing else opens a root key for them. It asks whether the
/// caller sees the snapshot, may restore, and, from outside the member, has a consent that holds; and it writes the
/// journal.</summary>
/// <remarks>Names are contents here: an outsider lists no folder without a consent.</remarks>
internal sealed class SnapshotGate(
    ScopedContexts<FleetDb> people, IDbContextFactory<FleetDb> contexts, IDeviceDirectory devices,
    CommitBlobs commits, IKeyService keyService, MemberLogs logs, ActJournal journal, ReadingConsents consents,
    SnapshotSessions sessions, StoredRecords records, TimeProvider time)
{
    /// <summary>Opens a snapshot for one request.</summary>
    /// <param name="what">What of it is read, for the journal: entries by their numbers, never by their names.</param>
    internal async Task<Reading<SnapshotLease>> OpenAsync(
        Caller caller, SnapshotId id, ReadingPurpose purpose, string what, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, id, cancellationToken) is not { } found)
            return Reading<SnapshotLease>.Refused(ReadingOutcome.NotFound);
        var (row, vault) = found;
        caller.Demand(Permission.RestoreData, vault.MemberId);
        if (await consents.FindRightAsync(caller, vault.MemberId, cancellationToken) is not { } right)
            return Reading<SnapshotLease>.Refused(ReadingOutcome.ConsentNeeded);

        var session = sessions.Find(caller.Actor, id);
        if (session is null)
        {
            session = await OpenRootAsync(caller, row, vault, purpose, right, cancellationToken);
            // A consent that is taken back from now on finds the session and shuts it; before, it is seen here.
            if (await consents.FindRightAsync(caller, vault.MemberId, cancellationToken) is null)
                return Reading<SnapshotLease>.Refused(ReadingOutcome.ConsentNeeded);
        }
        if (session is not var (snapshot, root)) return Reading<SnapshotLease>.Refused(ReadingOutcome.KitOnly);

        var read = new NotedRead(purpose, what, right.Consent);
        if (MustBeNoted(read) && !snapshot.IsNoted(read))
        {
            await NoteAsync(caller, snapshot, read, cancellationToken);
            if (purpose != ReadingPurpose.Search) snapshot.SetNoted(read); // Each search asks for something else.
        }
        return Reading<SnapshotLease>.Of(new SnapshotLease(snapshot, root, right.Until, records, time));
    }

    /// <summary>Contents that leave are always journalled; under a consent every look is.</summary>
    private static bool MustBeNoted(NotedRead read) =>
        read.Consent is not null || ReadingPurposeText.IsOfContents(read.Purpose);

    private async Task<(Snapshot Row, MemberVault Vault)?> FindAsync(
        Caller caller, SnapshotId id, CancellationToken cancellationToken)
    {
        await using var db = await people.OpenAsync(caller.Scope, cancellationToken);
        var found = from row in db.Snapshots.AsNoTracking()
                    join vault in db.Vaults.AsNoTracking() on row.VaultId equals vault.Id
                    where row.Id == id
                    select new { row, vault };
        var pair = await found.SingleOrDefaultAsync(cancellationToken);
        return pair is null ? null : (pair.row, pair.vault);
    }

    private async Task<(OpenSnapshot, Vault.Catalogue.RecordRef)?> OpenRootAsync(
        Caller caller, Snapshot row, MemberVault vault, ReadingPurpose purpose, ReadingRight right,
        CancellationToken cancellationToken)
    {
        var device = await devices.FindAsync(row.DeviceId, cancellationToken) ?? throw Lost(row.ObjectName);
        var receipt = await commits.ReadAsync(new BlobName(row.ObjectName), cancellationToken)
            ?? throw Lost(row.ObjectName);
        var commit = receipt.Machine.Commit;
        if (SealedRootKey.Of(commit, device.Terms.ServiceKey) is not { } source) return null;

        await NoteOpeningAsync(caller, row, vault, purpose, right, cancellationToken);
        var key = keyService.OpenRootKey(vault.Id, vault.ServicePrivateKeyWrapped, source);
        try
        {
            var now = time.GetUtcNow();
            return sessions.Keep(caller.Actor, new OpenSnapshot(
                SnapshotLine.Of(row), vault.MemberId, device, commit.Root, key)
            { OpenedAt = now, UsedAt = now });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Written before the key is opened: into the member's own log, which the operator cannot rewrite
    /// unseen, and into the journal with the name of who asked.</summary>
    private async Task NoteOpeningAsync(
        Caller caller, Snapshot row, MemberVault vault, ReadingPurpose purpose, ReadingRight right,
        CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var turn = await logs.TakeTurnAsync(db, vault.Id, cancellationToken);
        var text = ReadingPurposeText.Of(purpose);
        await turn.AppendAsync(
            new RootKeyOpened(row.DeviceId.Value, row.Id.ToString(), $"portal-{text}"), cancellationToken);
        var act = PrivilegedAct.Of(
            caller, "snapshot-opened", vault.MemberId,
            ("device", row.DeviceId.ToString()), ("snapshot", row.Id.ToString()), ("purpose", text),
            ("consent", right.Consent?.ToString() ?? ""));
        await journal.AppendAsync(db, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task NoteAsync(
        Caller caller, OpenSnapshot snapshot, NotedRead read, CancellationToken cancellationToken)
    {
        await using var db = await people.OpenAsync(caller.Scope, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var act = PrivilegedAct.Of(
            caller, "backup-read", snapshot.Member,
            ("device", snapshot.Line.Device.ToString()), ("snapshot", snapshot.Line.Id.ToString()),
            ("purpose", ReadingPurposeText.Of(read.Purpose)), ("entries", read.What),
            ("consent", read.Consent?.ToString() ?? ""));
        await journal.AppendAsync(db, act, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static VaultException Lost(string name) => new(
        ErrorCode.BlobMissing, retryable: false,
        $"The commit '{name}' is not in the blob store, or its device not in the database. 'beffroi-server admin "
            + "check' lists what else is missing; put the blob back from a copy.");
}
