using System.CommandLine;
using Beffroi.Server.Admin;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Beffroi.Server;

/// <summary>The command line of 'beffroi-server'.</summary>
internal static class ServerCommandLine
{
    // Longer than draining and stopping the database take; then the process ends whatever hangs.
    private static readonly TimeSpan TerminationMax = TimeSpan.FromMinutes(3);

    internal static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder of everything the server keeps.",
        HelpName = "DIR",
        Recursive = true,
    };

    internal static readonly Option<string?> Urls = new("--urls")
    {
        Description = "Addresses to listen on, parted by semicolons, such as http://127.0.0.1:8080.",
        HelpName = "URLS",
        Recursive = true,
    };

    internal static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand(
            "Keeps the members' backups: serves agents until it is stopped. Exit codes: 0 done, 1 error, 2 usage, 20 "
                + "damage found.")
        {
            Data,
            Urls,
            new AdminCommand(),
        };
        root.SetAction((parsed, cancellationToken) =>
            ServeCommand.RunAsync(parsed.GetValue(Data), parsed.GetValue(Urls), cancellationToken));
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("'beffroi-server --help' lists commands and options.");
            return ExitCode.Usage;
        }
        return await InvokeAsync(parsed);
    }

    private static async Task<int> InvokeAsync(ParseResult parsed)
    {
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TerminationMax,
            });
        }
        catch (VaultException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.CodeText}: {exception.Message}");
            return ExitCode.Of(exception);
        }
        catch (Exception exception) when (exception is NpgsqlException or DbUpdateException)
        {
            await Console.Error.WriteLineAsync(
                $"{ErrorCodeText.Of(ErrorCode.DatabaseUnavailable)}: The database failed: "
                + $"{(exception.InnerException ?? exception).Message} Nothing was half done. Check that it runs, then "
                + "try again.");
            return ExitCode.Error;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Error; // Interrupted by a person, who knows.
        }
    }
}
