using System.Runtime.Versioning;
using Beffroi.Agent.Backup;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Reports;
using Beffroi.Agent.State;
using Beffroi.Agent.Tests.Platform;
using Beffroi.Testing.FakeServer;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Backup;

/// <summary>Whole backups of a real folder to a fake server on a loopback port.</summary>
[SupportedOSPlatform("linux")]
public sealed class SessionFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _notes = new();
    private readonly LoopbackServer _server;
    private readonly ConvergenceSecret _machine = ConvergenceSecret.Generate();
    private readonly ConvergenceSecret _group = ConvergenceSecret.Generate();

    internal SessionFixture()
    {
        Vault = new FakeVault(Time);
        _server = new LoopbackServer(request => Vault.Answer(request));
        Home = new AgentHome(_folder.File("config"), _folder.File("state"));
        Home.CreateFolders();
        Context = new AgentContext(Home, Time, new Terminal(_output, _notes, isInteractive: false, width: 80));
    }

    internal ManualTime Time { get; } = new();
    internal FakeVault Vault { get; }
    internal TemporaryTree Tree { get; } = new();
    internal AgentHome Home { get; }
    internal AgentContext Context { get; }
    internal Uri Address => _server.Address;
    internal string Notes => _notes.ToString();
    internal string Output => _output.ToString();
    internal IReadOnlyList<RunRecord> History => BackupState.ReadHistory(Home.StateFile, 10);

    internal Agent.Configuration.Enrolment Enrolment => new()
    {
        Server = _server.Address,
        Vault = Vault.Vault,
        Device = Vault.Device,
        DeviceName = "accueil",
        MemberName = "Mairie",
        Mode = EnrolmentMode.Managed,
        SigningKey = Vault.DeviceKey.ExportPkcs8(),
        SealPrivateScalar = Vault.SealKey.Export(),
        MachineSecret = _machine,
        GroupSecret = _group,
        RecoveryPublicKey = Vault.RecoveryKey.PublicKey.ToArray(),
        KeyServicePublicKey = Vault.RecoveryKey.PublicKey.ToArray(),
        ServerPublicKey = Vault.ServerKey.PublicKey.ToArray(),
        Chunker = 1,
    };

    internal BackupState OpenState() => BackupState.Open(
        Home.StateFile, new StateOwner(Vault.Vault, Vault.Device), Time, _notes.WriteLine);

    /// <summary>A backup of the tree as the command does it. Returns its exit code.</summary>
    internal async Task<int> BackUpAsync(
        bool isDryRun = false, Action<EntryPath>? beforeOpen = null, CancellationToken cancellationToken = default)
    {
        var screen = new BackupScreen(Context.Terminal, Time, json: false, new RunNotes());
        using var state = OpenState();
        using var source = new HookedSource(screen.Report) { BeforeOpen = beforeOpen ?? (_ => { }) };
        var session = new BackupSession(
            Context, Enrolment, new BackupOptions { Roots = [Tree.RootPath], IsDryRun = isDryRun },
            ExclusionRules.ForThisSystem([], withDefaults: false), source, state, screen);
        await using var connection = Context.Connect(Enrolment);
        return await session.RunAsync(connection, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Tree.Dispose();
        _folder.Dispose();
    }
}
