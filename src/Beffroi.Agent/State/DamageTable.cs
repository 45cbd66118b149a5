using Beffroi.Agent.State.Sqlite;
using Beffroi.Vault;

namespace Beffroi.Agent.State;

/// <summary>The damaged records that the server named last. Transactions are the caller's.</summary>
/// <remarks>A record that no file of this computer needs any more stays damaged, and is named at every session: what it
/// costs to look for its file is paid once.</remarks>
internal sealed class DamageTable(SqliteDatabase database)
{
    /// <summary>Replaces them. Returns whether one is new.</summary>
    internal bool Replace(IReadOnlySet<RecordId> damaged)
    {
        var known = new HashSet<RecordId>();
        using (var select = database.Prepare("SELECT id FROM damaged"))
            while (select.Step()) known.Add(new RecordId(new Digest256(select.Blob(0))));
        if (known.SetEquals(damaged)) return false;
        database.Execute("DELETE FROM damaged");
        using var insert = database.Prepare("INSERT INTO damaged (id) VALUES (?)");
        foreach (var id in damaged) insert.Bind(1, (ReadOnlySpan<byte>)id.Value.ToArray()).Run();
        return !damaged.IsSubsetOf(known);
    }
}
