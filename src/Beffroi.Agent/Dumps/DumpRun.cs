using System.ComponentModel;
using System.Diagnostics;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Dumps;

/// <summary>Writes a database into a file of the agent's own folder, by the database's own program.</summary>
internal sealed class DumpRun(string folder, DumpMessage dump, LocalDump local)
{
    private const int WordsMax = 500; // The last line of a program says what went wrong.

    /// <summary>Where the database is after a dump that went well; the one before stays until then.</summary>
    internal string File => Path.Combine(folder, $"{dump.Name}.dump");

    /// <summary>Runs it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DumpFailed"/>, with the program's own words.</exception>
    internal async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        OwnerOnly.CreateFolder(folder);
        var unfinished = File + ".part";
        var command = DumpCommand.Of(dump, local, unfinished, HasProgram);
        System.IO.File.Delete(unfinished);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(Math.Clamp(dump.TimeoutSeconds, 1, 86_400)));
        try
        {
            await RunAsync(command, unfinished, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"'{command.Program}' took longer than the {dump.TimeoutSeconds} s that the plan allows");
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{command.Program}' could not be run: {failure.Message}", failure);
        }
        Publish(command, unfinished);
    }

    private async Task RunAsync(DumpCommand command, string unfinished, CancellationToken cancellationToken)
    {
        using var process = Process.Start(StartOf(command))
            ?? throw Failed($"'{command.Program}' could not be run");
        try
        {
            process.StandardInput.Close(); // Nobody answers a question.
            var words = process.StandardError.ReadToEndAsync(cancellationToken);
            if (command.WritesFile) await process.StandardOutput.ReadToEndAsync(cancellationToken);
            else
            {
                await using var file = OwnerOnly.Overwrite(unfinished);
                await process.StandardOutput.BaseStream.CopyToAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw Failed(
                    $"'{command.Program}' ended with exit code {process.ExitCode}: {LastWords(await words)}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private void Publish(DumpCommand command, string unfinished)
    {
        if (!System.IO.File.Exists(unfinished) || new FileInfo(unfinished).Length == 0)
            throw Failed($"'{command.Program}' said that all is well and wrote nothing");
        System.IO.File.Move(unfinished, File, overwrite: true);
    }

    private ProcessStartInfo StartOf(DumpCommand command)
    {
        var account = AccountOf(command);
        var start = new ProcessStartInfo(account is null ? command.Program : "runuser")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(), // One that the other account may enter.
        };
        if (account is not null)
            foreach (var word in new[] { "-u", account, "--", command.Program }) start.ArgumentList.Add(word);
        foreach (var argument in command.Arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in local.Environment) start.Environment[name] = value;
        return start;
    }

    /// <summary>PostgreSQL lets its own account in without a password, and nobody else.</summary>
    private string? AccountOf(DumpCommand command)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return null;
        var isLocal = dump is { Kind: "postgresql", Host: null, User: null };
        return local.Account ?? (isLocal && command.Program == "pg_dump" ? "postgres" : null);
    }

    private static bool HasProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Where(place => place.Length > 0)
        .Any(place => System.IO.File.Exists(Path.Combine(place, OperatingSystem.IsWindows() ? name + ".exe" : name)));

    /// <summary>What the program said last, without the secrets that it was given.</summary>
    private string LastWords(string words)
    {
        foreach (var secret in local.Environment.Values.Where(value => value.Length > 0))
            words = words.Replace(secret, "***", StringComparison.Ordinal);
        var line = words.Split('\n').Select(text => text.Trim()).LastOrDefault(text => text.Length > 0)
            ?? "it said nothing";
        return line[..Math.Min(line.Length, WordsMax)];
    }

    private VaultException Failed(string why, Exception? cause = null)
    {
        var last = System.IO.File.Exists(File)
            ? $"The file of {System.IO.File.GetLastWriteTimeUtc(File):yyyy-MM-dd HH:mm} UTC stays in the backup."
            : "There is no earlier file of it.";
        return new VaultException(
            ErrorCode.DumpFailed, retryable: false,
            $"The database '{dump.Name}' could not be written into a file: {why}. {last} Run the same program by hand, "
            + "as the account of the agent.",
            cause);
    }
}
