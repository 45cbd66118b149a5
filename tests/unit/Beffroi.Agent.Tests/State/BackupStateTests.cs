using Beffroi.Agent.State;
using Beffroi.Agent.State.Sqlite;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using static Beffroi.Agent.Tests.State.StateSamples;

namespace Beffroi.Agent.Tests.State;

public sealed class BackupStateTests : IDisposable
{
    private static readonly RunResult s_completed = new(RunOutcome.Completed, null, 1, 2, 0);
    private static readonly RunResult s_failed = new(RunOutcome.Failed, null, 0, 0, 0);

    private readonly TemporaryFolder _folder = new();
    private readonly StateOwner _owner = new(VaultId.New(), DeviceId.New());
    private readonly List<string> _warnings = [];
    private readonly Random _random = new(41);

    private string StatePath => _folder.File("state.sqlite");

    public void Dispose() => _folder.Dispose();

    private BackupState Open(StateOwner? owner = null) =>
        BackupState.Open(StatePath, owner ?? _owner, TimeProvider.System, _warnings.Add);

    [Fact]
    public void Saved_files_are_known_to_the_next_run_directory_by_directory()
    {
        var expected = new Dictionary<string, List<StateRow>>();
        using (var state = Open())
        {
            state.BeginRun();
            foreach (var directory in (string[])["srv", "srv/mairie", "srv/mairie/état civil", "srv/mairie2"])
            {
                var rows = Enumerable.Range(0, 50).Select(i => Row(_random, $"{i} acte", (ulong)i + 1, i % 5)).ToList();
                expected[directory] = rows;
                foreach (var row in rows.OrderBy(_ => _random.Next())) state.Save(Path(directory), row);
            }
            state.EndRun(s_completed, [Path("srv")]);
        }

        using var next = Open();
        Assert.Equal(2, next.BeginRun());
        foreach (var (directory, rows) in expected)
        {
            var loaded = next.LoadDirectory(Path(directory));
            Assert.Equal(rows.Count, loaded.Count);
            foreach (var row in rows)
            {
                Assert.True(loaded.TryGet(row.Name.Span, out var back));
                AssertSame(row, back);
                Assert.Equal(1, back.Run);
            }
            Assert.False(loaded.TryGet(Name("absent"), out _));
        }
        Assert.Equal(0, next.LoadDirectory(Path("srv/other")).Count);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Saving_again_replaces()
    {
        using var state = Open();
        state.BeginRun();
        state.Save(Path("srv"), Row(_random, "a", 1));
        var newer = Row(_random, "a", 2, pieces: 3);
        state.Save(Path("srv"), newer);

        var rows = state.LoadDirectory(Path("srv"));
        Assert.Equal(1, rows.Count);
        Assert.True(rows.TryGet(Name("a"), out var back));
        AssertSame(newer, back);
    }

    [Fact]
    public void Names_that_a_completed_run_did_not_meet_are_forgotten()
    {
        SaveAll("srv", "a", "b", "c");
        Walk(s_completed, ("srv", ["a", "c"]));
        Assert.Equal(["a", "c"], Known("srv", "a", "b", "c"));
    }

    [Fact]
    public void An_interrupted_or_failed_run_forgets_nothing()
    {
        SaveAll("srv", "a", "b");
        SaveAll("srv/deep", "d");
        Walk(s_failed, ("srv", ["a"]));
        using (var state = Open())
        {
            state.BeginRun();
            Ask(state, "srv", "a"); // And then the power fails: no EndRun.
        }
        Walk(s_completed, ("srv", ["a", "b"]), ("srv/deep", ["d"]));
        Assert.Equal(["a", "b"], Known("srv", "a", "b"));
        Assert.Equal(["d"], Known("srv/deep", "d"));
    }

    [Fact]
    public void Directories_that_a_completed_run_did_not_meet_are_forgotten_below_its_roots_only()
    {
        SaveAll("srv/mairie", "a");
        SaveAll("srv/mairie/old", "b");
        SaveAll("srv/mairie2", "c");
        SaveAll("home", "d");
        Walk(s_completed, [Path("srv/mairie")], ("srv/mairie", ["a"]));

        Assert.Equal(["a"], Known("srv/mairie", "a"));
        Assert.Empty(Known("srv/mairie/old", "b"));
        Assert.Equal(["c"], Known("srv/mairie2", "c"));
        Assert.Equal(["d"], Known("home", "d"));
    }

    [Fact]
    public void The_root_of_the_whole_system_sweeps_everything()
    {
        SaveAll("srv", "a");
        SaveAll("home", "b");
        Walk(s_completed, [default], ("srv", ["a"]));
        Assert.Equal(["a"], Known("srv", "a"));
        Assert.Empty(Known("home", "b"));
    }

    [Fact]
    public void A_file_saved_after_its_directory_was_closed_stays()
    {
        SaveAll("srv", "a");
        using (var state = Open())
        {
            state.BeginRun();
            Ask(state, "srv"); // 'a' was not there when the directory was listed…
            state.Save(Path("srv"), Row(_random, "a")); // …but is saved late all the same.
            state.EndRun(s_completed, [Path("srv")]);
        }
        Assert.Equal(["a"], Known("srv", "a"));
    }

    [Fact]
    public void A_directory_that_is_not_closed_keeps_its_names()
    {
        SaveAll("srv", "a", "b");
        using (var state = Open())
        {
            state.BeginRun();
            Assert.True(state.LoadDirectory(Path("srv")).TryGet(Name("a"), out _));
            state.EndRun(s_completed, [Path("srv/a")]);
        }
        Assert.Equal(["a", "b"], Known("srv", "a", "b"));
    }

    [Fact]
    public void Files_that_need_a_lost_record_are_forgotten_and_no_other()
    {
        var rows = Enumerable.Range(0, 25_000).Select(i => Row(_random, $"{i:D5}", pieces: 1)).ToList();
        using var state = Open();
        state.BeginRun();
        for (var i = 0; i < rows.Count; i++) state.Save(Path($"srv/{i % 7}"), rows[i]);
        var lost = rows.Where((_, i) => i % 1000 == 3).Select(row => row.Content.Pieces[0].Record.Id).ToHashSet();

        Assert.Equal(25, state.ForgetRecords(lost));
        Assert.Equal(0, state.ForgetRecords(lost));
        Assert.Equal(rows.Count - 25, Enumerable.Range(0, 7).Sum(i => state.LoadDirectory(Path($"srv/{i}")).Count));
        Assert.False(state.LoadDirectory(Path("srv/3")).TryGet(Name("00003"), out _));
    }

    [Fact]
    public void A_file_with_a_chunk_list_is_forgotten_once_for_each_record_that_is_newly_damaged()
    {
        var small = Row(_random, "small");
        var row = Row(_random, "big");
        var big = row with { Content = new Content(ContentKind.List, ChunkClass.Standard, row.Content.Pieces) };
        var (one, two) = (new RecordId(Digest(_random)), new RecordId(Digest(_random)));
        var forgotten = new List<int>();
        foreach (var damaged in (HashSet<RecordId>[])[[one], [one], [one, two], [two], [], [two]])
        {
            using var state = Open(); // What was named last is known to the next run.
            state.BeginRun();
            foreach (var file in (StateRow[])[small, big]) state.Save(Path("srv"), file);
            forgotten.Add(state.ForgetDamaged(damaged));
        }
        Assert.Equal([1, 0, 1, 0, 0, 1], forgotten);

        using var last = Open();
        last.BeginRun();
        last.Save(Path("srv"), big);
        Assert.Equal(1, last.ForgetRecords(new HashSet<RecordId> { one })); // Missing, which ends with the run.
    }

    [Fact]
    public void Another_enrolment_starts_from_nothing_and_says_so()
    {
        SaveAll("srv", "a");
        using (var other = Open(_owner with { Device = DeviceId.New() }))
        {
            other.BeginRun();
            Assert.Equal(0, other.LoadDirectory(Path("srv")).Count);
        }
        Assert.Contains("another enrolment", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.True(File.Exists(StateFile.AsideOf(StatePath)));
    }

    [Fact]
    public void Another_version_is_set_aside_and_only_one_is_kept()
    {
        foreach (var version in (int[])[99, 98])
        {
            SaveAll("srv", "a");
            using (var database = SqliteDatabase.Open(StatePath)) database.UserVersion = version;
            Assert.Empty(Known("srv", "a"));
        }
        Assert.Equal(2, _warnings.Count);
        Assert.Contains("format 98", _warnings[1], StringComparison.Ordinal);
        using var aside = SqliteDatabase.Open(StateFile.AsideOf(StatePath));
        Assert.Equal(98, aside.UserVersion);
    }

    [Fact]
    public void A_strangers_database_is_set_aside()
    {
        using (var database = SqliteDatabase.Open(StatePath)) database.Execute("CREATE TABLE files (other)");
        SaveAll("srv", "a");
        Assert.Equal(["a"], Known("srv", "a"));
        Assert.Single(_warnings);
    }

    [Fact]
    public void No_damage_of_the_file_stops_a_run_or_invents_a_row()
    {
        var rows = Enumerable.Range(0, 400).Select(i => Row(_random, $"{i:D4}", (ulong)i + 1)).ToList();
        using (var state = Open())
        {
            state.BeginRun();
            foreach (var row in rows) state.Save(Path("srv"), row);
            state.EndRun(s_completed, [Path("srv")]);
        }
        var sound = File.ReadAllBytes(StatePath);
        var known = new List<int>();
        for (var round = 0; round < 60; round++)
        {
            File.WriteAllBytes(StatePath, Damaged(sound));
            known.Add(RunOver(rows));
        }
        // Both ways out were taken: the file was set aside, or only the rows that were hit are unknown.
        Assert.Contains(0, known);
        Assert.Contains(known, count => count > 0 && count < rows.Count);
    }

    [Fact]
    public void A_state_that_cannot_be_opened_is_one_warning_and_an_empty_state()
    {
        Directory.CreateDirectory(StatePath);
        using var state = Open();
        Assert.Equal(0, state.BeginRun());
        state.Save(Path("srv"), Row(_random, "a", 5));
        Assert.Equal(0, state.LoadDirectory(Path("srv")).Count);
        state.EndRun(s_completed, [Path("srv")]);
        Assert.Contains("no data is lost", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_history_tells_each_run_and_which_was_interrupted()
    {
        var snapshot = new SnapshotId(Digest(_random));
        var ended = new RunResult(RunOutcome.CompletedWithWarnings, snapshot, 20_000, 4_000_000_000, 3);
        using (var state = Open())
        {
            state.BeginRun();
            state.EndRun(ended, []);
            state.BeginRun();
        }
        using (var state = Open()) Assert.Equal(3, state.BeginRun());

        var runs = BackupState.ReadHistory(StatePath, 10);
        Assert.Equal([3, 2, 1], runs.Select(run => run.Number));
        Assert.Equal(RunOutcome.Running, runs[0].Result.Outcome);
        Assert.Equal((RunOutcome.Interrupted, null), (runs[1].Result.Outcome, runs[1].Ended));
        Assert.Equal(ended, runs[2].Result);
        Assert.True(runs[2].Ended >= runs[2].Started);
        Assert.Equal([3], BackupState.ReadHistory(StatePath, 1).Select(run => run.Number));
        Assert.Empty(BackupState.ReadHistory(_folder.File("absent"), 10));
    }

    [Fact]
    public void The_last_completed_run_is_known_however_many_failed_since()
    {
        using (var state = Open())
        {
            state.BeginRun();
            state.EndRun(s_completed, []);
        }
        using (var database = SqliteDatabase.Open(StatePath))
        {
            var runs = new RunTable(database);
            database.Begin();
            for (var night = 0; night < 1_500; night++)
                runs.End(runs.Begin(DateTimeOffset.UnixEpoch), DateTimeOffset.UnixEpoch, s_failed);
            database.Commit();
        }

        Assert.Equal((1, s_completed), BackupState.ReadLastCompleted(StatePath) is { } last
            ? (last.Number, last.Result) : default);
        Assert.Equal(1_001, BackupState.ReadHistory(StatePath, 10_000).Count);
        Assert.Null(BackupState.ReadLastCompleted(_folder.File("absent")));
    }

    [Fact]
    public void Reading_the_history_works_beside_a_run_that_writes()
    {
        using var state = Open();
        state.BeginRun();
        state.Save(Path("srv"), Row(_random, "a"));
        Assert.Equal(RunOutcome.Running, Assert.Single(BackupState.ReadHistory(StatePath, 5)).Result.Outcome);
    }

    [Fact]
    public async Task Several_threads_may_save_and_load()
    {
        using var state = Open();
        state.BeginRun();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 500; i++)
            {
                state.Save(Path($"srv/{worker}"), Row(random, $"{i}", (ulong)(worker * 1000 + i + 1)));
                if (i % 100 == 0) state.LoadDirectory(Path($"srv/{(worker + 1) % 4}"));
            }
        })));
        for (var worker = 0; worker < 4; worker++)
            Assert.Equal(500, state.LoadDirectory(Path($"srv/{worker}")).Count);
        Assert.Empty(_warnings);
    }

    private void SaveAll(string directory, params string[] names)
    {
        using var state = Open();
        state.BeginRun();
        foreach (var name in names) state.Save(Path(directory), Row(_random, name));
        state.EndRun(s_failed, []);
    }

    private void Walk(RunResult result, params (string Directory, string[] Names)[] tree) =>
        Walk(result, [Path("srv")], tree);

    private void Walk(RunResult result, EntryPath[] roots, params (string Directory, string[] Names)[] tree)
    {
        using var state = Open();
        state.BeginRun();
        foreach (var (directory, names) in tree) Ask(state, directory, names);
        state.EndRun(result, roots);
    }

    private static void Ask(BackupState state, string directory, params string[] names)
    {
        var rows = state.LoadDirectory(Path(directory));
        foreach (var name in names) rows.TryGet(Name(name), out _);
        state.CloseDirectory(rows);
    }

    private IReadOnlyList<string> Known(string directory, params string[] names)
    {
        using var state = Open();
        state.BeginRun();
        var rows = state.LoadDirectory(Path(directory));
        return [.. names.Where(name => rows.TryGet(Name(name), out _))];
    }

    /// <summary>A whole run; each row that is known must be the one that was saved. Returns how many are.</summary>
    private int RunOver(List<StateRow> saved)
    {
        using var state = Open();
        state.BeginRun();
        var loaded = state.LoadDirectory(Path("srv"));
        var known = 0;
        foreach (var row in saved)
        {
            if (!loaded.TryGet(row.Name.Span, out var back)) continue;
            AssertSame(row, back);
            known++;
        }
        state.Save(Path("srv"), Row(_random, "new"));
        state.CloseDirectory(loaded);
        state.EndRun(s_completed, [Path("srv")]);
        return known;
    }

    private byte[] Damaged(byte[] sound)
    {
        var bytes = sound.ToArray();
        if (_random.Next(8) == 0) return bytes[.._random.Next(bytes.Length)];
        for (var count = _random.Next(1, 20); count > 0; count--)
            bytes[_random.Next(bytes.Length)] ^= (byte)_random.Next(1, 256);
        return bytes;
    }
}
