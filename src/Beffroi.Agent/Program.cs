using System.CommandLine;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Daemon;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault;

// Entry point of 'beffroi'. Commands are in Commands/, one file each ('run' is beside the daemon); what
// they do is elsewhere.
var terminal = Terminal.OfProcess();
AgentContext context;
try
{
    var home = AgentHome.Locate();
    if (args is ["run", "--service"]) terminal = Terminal.OfService(home);
    context = new AgentContext(home, TimeProvider.System, terminal);
}
catch (VaultException failure)
{
    terminal.Note($"beffroi: {failure.Message} [{failure.CodeText}]");
    if (OperatingSystem.IsWindows() && args is ["run", "--service"]) WindowsEventLog.Report(failure.Message);
    return ExitCode.Of(failure.Code);
}

var root = new RootCommand("Backs up this computer to the vault of its town hall, and brings files back.")
{
    new EnrollCommand(context),
    new BackupCommand(context),
    new RunCommand(context),
    new SnapshotsCommand(context),
    new LsCommand(context),
    new DiffCommand(context),
    new RestoreCommand(context),
    new VerifyCommand(context),
    new StatusCommand(context),
    new WhyCommand(context),
    new KitCommand(context),
    new UnenrollCommand(context),
};
var parsed = root.Parse(args);
// The list of commands needs a line for each; what a command alone shows is longer.
if (parsed.CommandResult.Command == root)
    foreach (var command in root.Subcommands) command.Description = UsageText.FirstSentence(command.Description);
if (args.Length == 0)
{
    await root.Parse("--help").InvokeAsync();
    return ExitCode.Usage;
}
// A command line that makes no sense is 2, apart from what fails at work; the library would answer 1 for both.
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) terminal.Note($"beffroi: {UsageText.Of(error.Message)}");
    terminal.Note("'beffroi --help' lists the commands, 'beffroi COMMAND --help' explains one.");
    return ExitCode.Usage;
}
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
