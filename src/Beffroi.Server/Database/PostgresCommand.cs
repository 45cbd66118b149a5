using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Beffroi.Vault;

namespace Beffroi.Server.Database;

/// <summary>Runs PostgreSQL's programs, as another account where needed.</summary>
internal static class PostgresCommand
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code and all that it said.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>: it could not be
    /// started.</exception>
    internal static async Task<(int ExitCode, string Output)> RunAsync(
        PostgresAccount? account, string program, params string[] arguments)
    {
        using var process = Start(account, program, arguments);

        // Not cancelled: an initdb or a shutdown cut half-way would cost more than the wait.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output + await errors).Trim());
    }

    /// <summary>As <see cref="RunAsync"/>, for a program that answers at once in a few lines.</summary>
    internal static (int ExitCode, string Output) Run(
        PostgresAccount? account, string program, params string[] arguments)
    {
        using var process = Start(account, program, arguments);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }

    private static Process Start(PostgresAccount? account, string program, string[] arguments)
    {
        var start = new ProcessStartInfo
        {
            FileName = account is null ? program : "setpriv",
            WorkingDirectory = "/", // The current folder may be closed to the other account.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (account is not null)
        {
            start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--reuid={account.UserId}"));
            start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--regid={account.GroupId}"));
            start.ArgumentList.Add("--init-groups");
            start.ArgumentList.Add(program);
        }
        foreach (var argument in arguments) start.ArgumentList.Add(argument);

        // PGDATA, PGPORT and the like are for other clusters of the machine.
        string[] foreign = [.. start.Environment.Keys.Where(key => key.StartsWith("PG", StringComparison.Ordinal))];
        foreach (var name in foreign) start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C"; // Messages that can be searched for.
        try
        {
            var process = Process.Start(start)
                ?? throw new InvalidOperationException($"{start.FileName} did not start.");
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new VaultException(
                ErrorCode.DatabaseUnavailable,
                retryable: false,
                $"'{start.FileName}' could not be started to run the private database: {exception.Message}",
                exception);
        }
    }
}
