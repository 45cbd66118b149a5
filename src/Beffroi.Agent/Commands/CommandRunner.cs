using Beffroi.Vault;

namespace Beffroi.Agent.Commands;

/// <summary>Runs the body of a command and turns what ends it into a message and an exit code.</summary>
internal static class CommandRunner
{
    internal static async Task<int> RunAsync(Terminal terminal, bool json, Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (VaultException failure)
        {
            terminal.EndStatus();
            if (json)
                terminal.WriteJson(
                    new FailureLine("failure", failure.CodeText, failure.Message), CliJson.Default.FailureLine);
            terminal.Note($"beffroi: {failure.Message} [{failure.CodeText}]");
            return ExitCode.Of(failure.Code);
        }
        catch (OperationCanceledException)
        {
            terminal.EndStatus();
            terminal.Note("beffroi: stopped before the end. The same command goes on from there; nothing is lost.");
            return ExitCode.Interrupted;
        }
        finally
        {
            terminal.EndStatus();
        }
    }
}
