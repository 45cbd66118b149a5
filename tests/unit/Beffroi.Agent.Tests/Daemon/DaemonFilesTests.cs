using System.Net.Sockets;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Platform;
using Beffroi.Agent.Platform.Linux;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Tests.Daemon;

/// <summary>What the daemon keeps, and what it asks of the system.</summary>
public sealed class DaemonFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public DaemonFilesTests() => _home = new AgentHome(
        Path.Combine(_folder.FullPath, "config"), Path.Combine(_folder.FullPath, "state"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_order_that_was_cut_has_an_end_and_is_not_begun_again()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var before = new OrderBook(_home);
        before.Begin(first);
        before.Begin(second);
        before.End(second, new OrderProgress("done", 1, 1, 5, 5, 0));

        var after = new OrderBook(_home);
        Assert.True(after.Knows(first));
        after.EndWhatWasCut();

        Assert.Equal(
            [(first, "failed"), (second, "done")], after.Untold.Select(each => (each.Id, each.Result.State)));
        after.Forget(first);
        after.Forget(second);
        Assert.Empty(new OrderBook(_home).Untold);
        Assert.Equal(before.Installation, new OrderBook(_home).Installation);
    }

    [Fact]
    public void Past_runs_outlive_the_daemon_and_a_damaged_file_costs_one_run()
    {
        var now = new DateTimeOffset(2026, 3, 3, 12, 0, 0, TimeSpan.Zero);
        var history = RunHistory.AfterGood(now, now.AddMinutes(5), new DateOnly(2026, 3, 3))
            .WithFailure(now.AddHours(1));

        RunHistoryFile.Save(_home, history);
        Assert.Equal(history, RunHistoryFile.Load(_home));
        File.WriteAllText(_home.RunHistoryFile, "{");
        Assert.Equal(RunHistory.None, RunHistoryFile.Load(_home));
    }

    [Fact]
    public void Status_is_shown_while_a_daemon_lives_and_not_after()
    {
        var status = new StatusFile(_home, TimeProvider.System);
        using (RunLock.TryHoldDaemon(_home))
        {
            Assert.Null(RunLock.TryHoldDaemon(_home)); // One is enough.
            status.Write(new DaemonStatus(1, status.Started, null, null, 3, null, "window", null, false, 2));
            Assert.Equal((3, 2), (StatusFile.Read(_home)!.PlanRevision, StatusFile.Read(_home)!.UnsentRuns));
        }
        Assert.Null(StatusFile.Read(_home));
    }

    [Fact]
    public void Systemd_hears_that_the_daemon_is_ready_and_lives()
    {
        if (!OperatingSystem.IsLinux()) return;
        var address = Path.Combine(_folder.FullPath, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(address));
        var notice = new ServiceNotice(address, "120000000");
        var buffer = new byte[200];

        notice.Ready();
        notice.Status("works\nnow");
        notice.Alive();
        var heard = Enumerable.Range(0, 3)
            .Select(_ => System.Text.Encoding.UTF8.GetString(buffer, 0, systemd.Receive(buffer))).ToList();

        Assert.Equal(["READY=1", "STATUS=works now", "WATCHDOG=1"], heard);
        Assert.Equal(TimeSpan.FromMinutes(1), notice.SignOfLifeEvery);
        new ServiceNotice(null, null).Ready(); // Nobody listens, nobody minds.
        new ServiceNotice(address + "-gone", null).Ready();
    }

    [Fact]
    public void The_unit_runs_the_program_from_where_it_is()
    {
        var unit = SystemdRegistration.UnitText("/opt/50 %/beffroi");

        Assert.Contains("ExecStart=\"/opt/50 %%/beffroi\" run\n", unit, StringComparison.Ordinal);
        Assert.Contains("Type=notify", unit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_is_registered_started_and_removed()
    {
        List<string> said = [];
        var units = Directory.CreateDirectory(Path.Combine(_folder.FullPath, "units")).FullName;
        var registration = new SystemdRegistration(units, "/usr/bin/beffroi", NoFault, (program, arguments, _) =>
        {
            said.Add($"{program} {string.Join(' ', arguments)}");
            return Task.CompletedTask;
        });

        await registration.InstallAsync(CancellationToken.None);
        Assert.True(File.Exists(Path.Combine(units, "beffroi.service")));
        await registration.RemoveAsync(CancellationToken.None);
        await registration.RemoveAsync(CancellationToken.None);

        Assert.Empty(Directory.GetFiles(units));
        Assert.Equal(
            [
                "systemctl daemon-reload", "systemctl enable beffroi.service", "systemctl restart beffroi.service",
                "systemctl disable --now beffroi.service", "systemctl daemon-reload",
            ],
            said);
    }

    [Fact]
    public async Task A_service_of_windows_keeps_a_path_with_spaces_in_one_piece()
    {
        List<IReadOnlyList<string>> said = [];
        var registration = new WindowsRegistration(
            @"C:\Program Files\Beffroi\beffroi.exe", NoFault, (program, arguments, _) =>
            {
                said.Add(arguments);
                return program == "sc.exe" && (arguments[0] != "query" || said.Count > 1)
                    ? Task.CompletedTask
                    : throw new VaultException(ErrorCode.UsageInvalid, retryable: false, "There is none yet.");
            });

        await registration.InstallAsync(CancellationToken.None);
        await registration.InstallAsync(CancellationToken.None);
        await registration.RemoveAsync(CancellationToken.None);

        Assert.Equal(
            [
                "query", "create", "description", "failure", "start", "query", "config", "description", "failure",
                "start", "query", "stop", "delete",
            ],
            said.Select(arguments => arguments[0]));
        Assert.Equal("\"C:\\Program Files\\Beffroi\\beffroi.exe\" run --service", said[1][3]);
    }

    [Fact]
    public async Task A_program_that_others_may_replace_is_made_no_service()
    {
        var units = Directory.CreateDirectory(Path.Combine(_folder.FullPath, "units")).FullName;
        var registration = new SystemdRegistration(
            units, "/srv/tools/beffroi/beffroi",
            (path, _) => path == "/srv/tools" ? "belongs to anne" : null,
            (_, _, _) => throw new InvalidOperationException("Nothing is to be changed."));

        var failure = await Assert.ThrowsAsync<VaultException>(
            () => registration.InstallAsync(CancellationToken.None));

        Assert.Equal(ErrorCode.PlaceUntrusted, failure.Code);
        Assert.Contains("/srv/tools belongs to anne", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(units));
    }

    [Fact]
    public void Of_a_program_each_folder_up_to_the_top_is_asked_about()
    {
        List<(string, ProgramPart)> asked = [];
        ProgramPlace.Demand("/opt/mairie/beffroi/beffroi", (path, part) =>
        {
            asked.Add((path, part));
            return null;
        });

        Assert.Equal(
            [
                ("/opt/mairie/beffroi/beffroi", ProgramPart.File), ("/opt/mairie/beffroi", ProgramPart.Folder),
                ("/opt/mairie", ProgramPart.Above), ("/opt", ProgramPart.Above), ("/", ProgramPart.Top),
            ],
            asked);
    }

    [Fact]
    public void A_real_program_in_a_folder_for_everybody_is_refused_by_that_folder()
    {
        if (!OperatingSystem.IsLinux()) return;
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullPath, "tools")).FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        var program = Path.Combine(folder, "beffroi");
        File.WriteAllText(program, "");

        // Where no root runs the tests, the file itself is refused before its folder.
        var failure = Assert.Throws<VaultException>(
            () => ProgramPlace.Demand(program, WriteAccess.FaultOfProgram));
        Assert.Contains(
            Environment.IsPrivilegedProcess ? $"{folder} may be changed by other accounts" : $"{program} belongs to",
            failure.Message, StringComparison.Ordinal);
        Assert.Throws<VaultException>(() => ProgramPlace.Demand(program + "-gone", WriteAccess.FaultOfProgram));
        ProgramPlace.Demand("/usr/bin/env", WriteAccess.FaultOfProgram);
    }

    [Theory]
    [InlineData("Mains,1", PowerState.Mains, null)]
    [InlineData("Mains,0;Battery,Discharging,37", PowerState.Battery, 37)]
    [InlineData("Mains,1;Battery,Charging,80", PowerState.Mains, 80)]
    [InlineData("Battery,Discharging,5,Device", PowerState.Unknown, null)]
    [InlineData("", PowerState.Unknown, null)]
    public void Power_is_read_as_the_kernel_tells_it(string supplies, object state, int? percent)
    {
        var number = 0;
        foreach (var supply in supplies.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = supply.Split(',');
            var place = Directory.CreateDirectory(
                Path.Combine(_folder.FullPath, "sys/class/power_supply", $"S{number++}")).FullName;
            File.WriteAllText(Path.Combine(place, "type"), words[0] + "\n");
            File.WriteAllText(Path.Combine(place, words[0] == "Battery" ? "status" : "online"), words[1] + "\n");
            if (words.Length > 2) File.WriteAllText(Path.Combine(place, "capacity"), words[2] + "\n");
            if (words.Length > 3) File.WriteAllText(Path.Combine(place, "scope"), words[3] + "\n");
        }

        Assert.Equal(((PowerState)state, percent), new LinuxHost(_folder.FullPath).Power());
    }

    [Fact]
    public void What_a_link_costs_is_read_as_NetworkManager_tells_it()
    {
        Assert.Equal(LinkState.Metered, LinuxHost.ParseMetered("yes (guessed)\n"));
        Assert.Equal(LinkState.Free, LinuxHost.ParseMetered("no\n"));
        Assert.Equal(LinkState.Unknown, LinuxHost.ParseMetered("unknown\n"));
        Directory.CreateDirectory(Path.Combine(_folder.FullPath, "proc/net"));
        File.WriteAllText(
            Path.Combine(_folder.FullPath, "proc/net/route"),
            "Iface\tDestination\tGateway\neth0\t0002A8C0\t00000000\nwlan0\t00000000\t0102A8C0\n");
        Assert.Equal("wlan0", new LinuxHost(_folder.FullPath).DefaultDevice());
    }

    private static string? NoFault(string path, ProgramPart part) => null;
}
