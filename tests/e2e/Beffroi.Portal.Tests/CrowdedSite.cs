using System.Globalization;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Npgsql;

namespace Beffroi.Portal.Tests;

/// <summary>A syndicate of 300 members and 2,000 devices with 30 nights each. Written into the tables directly, unlike
/// everything else that tests look at: only its size matters here, and real backups would take hours.</summary>
public sealed class CrowdedSite : Site
{
    internal const int Members = 300;
    internal const int Devices = 2000;
    private const int Nights = 30;

    internal override async Task FillAsync()
    {
        await base.FillAsync();
        await using var database = NpgsqlDataSource.Create(
            PrivatePostgres.ConnectionString(new DataFolder(Data)));
        foreach (var sql in Statements)
        {
            await using var command = database.CreateCommand(
                $"set session_replication_role = replica; {sql}"); // Without keys of other tables, which no page shows.
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }
    }

    // One device in 40 is silent for five days, one in 25 had a bad last night, one in 50 could not read files.
    private static string[] Statements =>
    [
        $"""
        insert into identity.members (id, operator_id, name, siret, population, level, created_at)
        select md5('m' || n)::uuid, (select id from identity.operators), 'Commune de Valbrise numéro ' || n,
               siret, 300 + n * 7, 1 + n % 3, now() - interval '90 days'
        from unnest('{Sirets}'::text[]) with ordinality as each (siret, n)
        """,
        $"""
        insert into identity.people (id, name, email, normalized_email, user_name, normalized_user_name,
               email_confirmed, created_at, lockout_enabled, access_failed_count, two_factor_enabled, security_stamp)
        select md5('p' || n)::uuid, 'Référent numéro ' || n, mail, upper(mail), mail, upper(mail), true, now(), true, 0,
               false, 'x'
        from (select n, 'referent' || n || '@valbrise.example' as mail from generate_series(1, {Members}) n) each
        """,
        $"""
        insert into identity.held_roles (id, person_id, member_id, role, held_from)
        select md5('r' || n)::uuid, md5('p' || n)::uuid, md5('m' || n)::uuid, 'Referent', now() - interval '80 days'
        from generate_series(1, {Members}) n
        """,
        $"""
        insert into fleet.vaults (id, created_at, group_secret_id, group_secret_wrapped, log_head, log_height,
               member_id, mode, quota_bytes, recovery_public_key, service_private_key_wrapped, service_public_key,
               used_bytes)
        select md5('v' || n)::uuid, now(), gen_random_uuid(), '\x00', '\x00', 0, md5('m' || n)::uuid, 'managed',
               15000000000, {Key}, '\x00', {Key}, n * 40000000::bigint
        from generate_series(1, {Members}) n
        """,
        $"""
        insert into fleet.devices (id, vault_id, name, kind, platform, agent_version, sign_key, hpke_key,
               machine_secret_ordinal, last_sequence, enrolled_at, last_seen_at, last_snapshot_at)
        select md5('d' || n)::uuid, md5('v' || 1 + n % {Members})::uuid, 'poste-' || n,
               (array['fixed', 'fixed', 'laptop', 'server'])[1 + n % 4], 'linux', '0.1.0', {Key}, {Key},
               1 + n / {Members}, {Nights}, now() - interval '60 days', at, at
        from (select n, now() - case when n % 40 = 0 then interval '5 days' else interval '9 hours' end as at
              from generate_series(1, {Devices}) n) each
        """,
        $"""
        insert into fleet.runs (id, device_id, member_id, agent_version, trigger, class, outcome, plan_revision,
               started_at, ended_at, received_at, code, files, directories, logical_bytes, read_bytes, new_bytes,
               sent_bytes, unchanged_files, unreadable, log)
        select md5('x' || d || '-' || n)::uuid, md5('d' || d)::uuid, md5('m' || 1 + d % {Members})::uuid, '0.1.0',
               'schedule', 'daily',
               case when n = 0 and d % 25 = 0 then 'failed'
                    when n = 0 and d % 50 = 1 then 'completedWithWarnings' else 'completed' end,
               1, at, at + interval '4 minutes', at + interval '5 minutes',
               case when n = 0 and d % 25 = 0 then 'BEF-4006' end, 12000, 800, 4000000000, 60000000, 20000000, 21000000,
               11950, case when n = 0 and d % 50 = 1 then 3 else 0 end,
               '{EmptyLog}'
        from (select d, n, now() - interval '9 hours' - n * interval '1 day'
                     - case when d % 40 = 0 then interval '5 days' else interval '0' end as at
              from generate_series(1, {Devices}) d, generate_series(0, {Nights - 1}) n) each
        """,
        "analyze",
    ];

    private static string Sirets =>
        $"{{{string.Join(',', Enumerable.Range(1, Members).Select(WithCheckDigit))}}}"; // An array of PostgreSQL.

    /// <summary>A SIRET that INSEE would not have given, with the right last digit (Luhn).</summary>
    private static string WithCheckDigit(int number)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"9{number:D12}");
        var sum = digits.Reverse().Select((digit, index) => (digit - '0') * (index % 2 == 0 ? 2 : 1))
            .Sum(value => value > 9 ? value - 9 : value);
        return string.Create(CultureInfo.InvariantCulture, $"{digits}{(10 - sum % 10) % 10}");
    }

    // 65 bytes, as a public key has.
    private const string Key = "decode(repeat(md5(n::text), 4) || '00', 'hex')";

    private const string EmptyLog = """{"unreadable":[],"warnings":[],"refused":[]}""";
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition]
public sealed class CrowdedTests : ICollectionFixture<CrowdedSite>;
