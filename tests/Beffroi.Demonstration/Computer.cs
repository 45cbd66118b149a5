using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Reports;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Demonstration;

/// <summary>A computer of a town hall: the real agent's commands and the parts of its daemon, on folders of its own.
/// The daemon's loop itself is not run: it waits for the hour, and here the hour is put.</summary>
internal sealed class Computer
{
    private readonly AgentContext _context;
    private readonly string _folder;
    private readonly Guid _start;

    internal Computer(string folder, string name, TimeOnly hour, TimeProvider time, int seed)
    {
        (_folder, Name, Hour) = (folder, name, hour);
        var home = new AgentHome(Path.Combine(folder, "agent", "config"), Path.Combine(folder, "agent", "state"));
        _context = new AgentContext(
            home, time, new Terminal(TextWriter.Null, TextWriter.Null, isInteractive: false, width: 80));
        _start = new Guid(seed, 1, 0, new byte[8]);
        Installation = new Guid(seed, 0, 0, new byte[8]);
        Work = new Documents(DocumentsFolder, seed);
    }

    internal string Name { get; }

    /// <summary>When its plan lets it run.</summary>
    internal TimeOnly Hour { get; }

    internal Documents Work { get; }
    internal DeviceId Id => Enrolment.Device;
    internal string DocumentsFolder => Path.Combine(_folder, "Documents");

    /// <summary>On a disk that is not always connected.</summary>
    internal string OuterFolder => Path.Combine(_folder, "Disque externe");

    private Guid Installation { get; }
    private Enrolment Enrolment => _context.LoadEnrolment();

    /// <summary>'beffroi enroll'.</summary>
    internal async Task EnrolAsync(Uri server, string token)
    {
        var command = new EnrollCommand(_context);
        var exitCode = await command.Parse(
            ["--server", server.AbsoluteUri, "--token", token, "--name", Name]).InvokeAsync();
        if (exitCode != ExitCode.Done) throw new InvalidOperationException($"'{Name}' was not enrolled: {exitCode}.");
    }

    /// <summary>Speaks to the server as the daemon does, takes a new plan, and answers what is ordered.</summary>
    internal async Task<IReadOnlyList<OrderMessage>> CheckInAsync(
        DateTimeOffset? nextRun = null, params IReadOnlyList<UncoveredMessage> uncovered)
    {
        await using var link = new ServerLink(_context, Enrolment, new Random(1));
        var plan = LoadPlan();
        var answer = await link.TryCheckInAsync(
            new CheckInRequest(
                Installation, _start, AgentContext.Version, "linux", "Debian GNU/Linux 12", Name,
                _context.Time.GetUtcNow(), "mains", "free", plan?.Revision ?? 0, UnsentRuns: 0, NextRun: nextRun,
                Uncovered: uncovered.Count == 0 ? null : uncovered),
            CancellationToken.None)
            ?? throw new InvalidOperationException($"'{Name}' had no answer: {link.Problem?.Message}");
        if (answer.Plan is { } message) PlanFile.Save(_context.Home, message);
        return answer.Orders;
    }

    /// <summary>The plan's run of a night, good or not, and its report.</summary>
    internal async Task BackUpAsync(RunTrigger trigger = RunTrigger.Schedule, Guid? order = null)
    {
        var plan = LoadPlan() ?? throw new InvalidOperationException($"'{Name}' has no plan yet.");
        var work = new DaemonJobs(_context, Enrolment).StartBackup(plan, trigger, order, CancellationToken.None);
        var done = await work.Work; // Also of a night that is meant to fail: its report says why.
        await using var link = new ServerLink(_context, Enrolment, new Random(1));
        await link.SendReportsAsync(new ReportSpool(_context.Home, _context.Time), CancellationToken.None);
        if (order is { } asked) await link.TryReportAsync(asked, done, CancellationToken.None);
    }

    /// <summary>Does what was ordered, and says so.</summary>
    internal async Task RestoreAsync(OrderMessage order)
    {
        await using var link = new ServerLink(_context, Enrolment, new Random(1));
        var done = await new OrderedRestore(_context, Enrolment).RunAsync(
            order.Id, order.Restore ?? throw new InvalidOperationException("No restore is ordered."),
            CancellationToken.None);
        await link.TryReportAsync(order.Id, done, CancellationToken.None);
    }

    private Plan? LoadPlan() => PlanFile.Load(_context.Home, _context.Terminal.Note);
}
