using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Beffroi.Identity.Database;

/// <summary>Writes members in the transaction that another module's context has open, so that what that module knows
/// of them stands or falls with them.</summary>
public static class MemberRoll
{
    /// <summary>Adds members, thousands at once; those whose SIRET is taken are left out.</summary>
    /// <returns>The ids of those that were added, by SIRET.</returns>
    public static async Task<IReadOnlyDictionary<Siret, MemberId>> AddAsync(
        DbContext db, IReadOnlyList<NewMember> members, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // Arrays instead of COPY, which row-level security forbids: 10,000 members take 0.2 s.
        await using var insert = new NpgsqlCommand(
            """
            insert into identity.members (id, operator_id, name, siret, population, level, created_at)
            select new.id, (select id from identity.operators), new.name, new.siret, new.population, new.level, $6
            from unnest($1, $2, $3, $4, $5) as new (id, name, siret, population, level)
            on conflict (siret) do nothing returning id, siret
            """,
            ConnectionOf(db));
        insert.Parameters.AddWithValue(members.Select(_ => MemberId.New().Value).ToArray());
        insert.Parameters.AddWithValue(members.Select(member => member.Name).ToArray());
        insert.Parameters.AddWithValue(members.Select(member => member.Siret.Value).ToArray());
        insert.Parameters.AddWithValue(members.Select(member => member.Population).ToArray());
        insert.Parameters.AddWithValue(members.Select(member => checked((short)member.Level)).ToArray());
        insert.Parameters.AddWithValue(at);
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        var added = new Dictionary<Siret, MemberId>();
        while (await reader.ReadAsync(cancellationToken))
            added.Add(Siret.Parse(reader.GetString(1)), new MemberId(reader.GetGuid(0)));
        return added;
    }

    /// <summary>Changes what is said of a member.</summary>
    public static async Task ChangeAsync(
        DbContext db, MemberId id, string name, int? population, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        await using var update = new NpgsqlCommand(
            "update identity.members set name = $2, population = $3 where id = $1", ConnectionOf(db));
        update.Parameters.AddWithValue(id.Value);
        update.Parameters.AddWithValue(name);
        update.Parameters.Add(new NpgsqlParameter
        {
            Value = (object?)population ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Integer,
        });
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Gives a member another level of service, 1 to 3.</summary>
    public static async Task SetLevelAsync(DbContext db, MemberId id, int level, CancellationToken cancellationToken)
    {
        await using var update = new NpgsqlCommand(
            "update identity.members set level = $2 where id = $1", ConnectionOf(db));
        update.Parameters.AddWithValue(id.Value);
        update.Parameters.AddWithValue(checked((short)level));
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlConnection ConnectionOf(DbContext db) =>
        (db.Database.CurrentTransaction?.GetDbTransaction() as NpgsqlTransaction)?.Connection
        ?? throw new InvalidOperationException("A member and what another module knows of it need one transaction.");
}
