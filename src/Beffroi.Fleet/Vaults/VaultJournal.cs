using Beffroi.Identity;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Vaults;

/// <summary>A privileged act that concerns a vault.</summary>
/// <param name="Actor">Who did it, such as <c>admin:root</c>.</param>
/// <param name="Act">What was done, such as <c>device-revoked</c>.</param>
/// <param name="Detail">Further facts; never a secret.</param>
internal sealed record VaultAct(
    string Actor, string Act, VaultId Vault, IReadOnlyDictionary<string, string> Detail);

/// <summary>Writes acts on vaults into the platform's journal, each under the member whose vault it is.</summary>
internal sealed class VaultJournal(ActJournal journal)
{
    internal async Task AppendAsync(FleetDb db, VaultAct act, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken); // The vault may be as new as the act.
        var member = await db.Vaults.Where(row => row.Id == act.Vault).Select(row => (MemberId?)row.MemberId)
            .SingleOrDefaultAsync(cancellationToken);
        var detail = new Dictionary<string, string>(act.Detail) { ["vault"] = act.Vault.ToString() };
        await journal.AppendAsync(
            db, new PrivilegedAct(act.Actor, act.Act, member, Origin: null, detail), cancellationToken);
    }
}
