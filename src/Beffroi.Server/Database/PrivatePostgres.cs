using System.Diagnostics;
using System.Globalization;
using Beffroi.Server.Configuration;
using Beffroi.Vault;
using Npgsql;

namespace Beffroi.Server.Database;

/// <summary>A PostgreSQL cluster of the server's own in the data folder, started and stopped with it. Its caller holds
/// the
/// <see cref="DatabaseLock"/>.</summary>
internal sealed partial class PrivatePostgres : IAsyncDisposable
{
    private const string DatabaseName = "beffroi";
    private const int NotRunning = 3; // Exit code of 'pg_ctl status'.
    private const int LogBytesMax = 1 << 20;
    private const int StartsMax = 10;

    private readonly DataFolder _folder;
    private readonly PostgresPrograms _programs;
    private readonly PostgresAccount? _account;
    private readonly string _socketFolder;
    private readonly ILogger _logger;

    private PrivatePostgres(DataFolder folder, PostgresOptions options, ILogger logger)
    {
        _folder = folder;
        _programs = PostgresPrograms.Find(options.BinFolder, folder.Database);
        _account = PostgresAccount.Find(options.User);
        _socketFolder = PostgresSettings.SocketFolder(folder.Run);
        _logger = logger;
    }

    internal string RunFolder => _folder.Run;

    private string Log => Path.Combine(_folder.Database, "beffroi.log");

    /// <summary>How a server or a command that runs beside the owner reaches the cluster.</summary>
    internal static string ConnectionString(DataFolder folder) =>
        PostgresSettings.ConnectionString(PostgresSettings.SocketFolder(folder.Run), DatabaseName);

    /// <summary>Makes the cluster if there is none, and starts it or takes over the one that a killed server left
    /// running.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>, with what PostgreSQL
    /// said.</exception>
    internal static async Task<PrivatePostgres> StartAsync(
        DataFolder folder, PostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        var cluster = new PrivatePostgres(folder, options, logger);
        if (!Directory.Exists(folder.Database)) await cluster.InitialiseAsync();
        var isRunning = await cluster.IsRunningAsync();
        if (isRunning && await cluster.AnswersAsync(cancellationToken))
        {
            cluster.LogAdopted();
            return cluster;
        }
        if (isRunning) await cluster.StopAsync();
        await cluster.StartAsync(cancellationToken);
        await cluster.CreateDatabaseIfMissingAsync(cancellationToken);
        return cluster;
    }

    /// <summary>Stops the cluster: sessions are cut off, everything committed is on disk.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Whether the cluster's main process is alive.</summary>
    internal async Task<bool> IsRunningAsync()
    {
        var (exitCode, output) = await PostgresCommand.RunAsync(
            _account, _programs.PgCtl, "status", "-D", _folder.Database);
        return exitCode switch
        {
            0 => true,
            NotRunning => false,
            _ => throw Failed("could not be examined", output),
        };
    }

    /// <summary>As <see cref="IsRunningAsync"/>, at the cost of reading one file.</summary>
    internal bool HasMainProcess()
    {
        try
        {
            var firstLine = File.ReadLines(Path.Combine(_folder.Database, "postmaster.pid")).FirstOrDefault();
            using var process = Process.GetProcessById(int.Parse(firstLine ?? "", CultureInfo.InvariantCulture));
            return !process.HasExited;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException)
        {
            return false; // No file, or a number that no process has.
        }
    }

    /// <summary>Makes a cluster aside and then moves it into place: a start that was killed leaves no half of
    /// one.</summary>
    private async Task InitialiseAsync()
    {
        var aside = _folder.Database + ".new";
        if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        await CreateFolderAsync(aside);
        var (exitCode, output) = await PostgresCommand.RunAsync(
            _account, _programs.InitDb, "-D", aside, "-U", PostgresSettings.Role, "--encoding=UTF8", "--locale=C.UTF-8",
            "--auth=peer", "--data-checksums");
        if (exitCode != 0) throw Failed("could not be created", output);

        Directory.Move(aside, _folder.Database);
        LogCreated(_folder.Database, _programs.Major);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await CreateFolderAsync(_socketFolder);
        PostgresSettings.Write(_folder.Database, _socketFolder);
        if (File.Exists(Log) && new FileInfo(Log).Length > LogBytesMax) File.Delete(Log);

        for (var attempt = 1; ; attempt++)
        {
            // pg_ctl gives the cluster a session of its own: Ctrl+C reaches the server alone, which stops it in its
            // turn.
            var (exitCode, output) = await PostgresCommand.RunAsync(
                _account, _programs.PgCtl, "start", "-D", _folder.Database, "-l", Log, "-w", "-t", "300", "-s");
            if (exitCode == 0) return;

            // The processes of a cluster that was killed a moment ago need another moment to notice.
            var isLeaving = LogEnd().Contains("still in use", StringComparison.Ordinal);
            if (!isLeaving || attempt == StartsMax) throw Failed("did not start", $"{output} {LogEnd()}");
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    private async Task StopAsync()
    {
        var (exitCode, output) = await PostgresCommand.RunAsync(
            _account, _programs.PgCtl, "stop", "-D", _folder.Database, "-m", "fast", "-w", "-t", "120", "-s");
        if (exitCode != 0 && await IsRunningAsync()) LogNotStopped(output);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CreateDatabaseIfMissingAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException exception)
        {
            LogUnanswering(exception.Message);
            return false;
        }
    }

    private async Task CreateDatabaseIfMissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var _ = await OpenAsync(DatabaseName, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await using var connection = await OpenAsync("postgres", cancellationToken);
            await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(
            PostgresSettings.ConnectionString(_socketFolder, database) + ";Pooling=false;Timeout=5");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private async Task CreateFolderAsync(string path)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows()) Directory.CreateDirectory(path, ownerOnly);
        if (_account is not null)
        {
            var (exitCode, output) = await PostgresCommand.RunAsync(
                account: null, "chown", "-h", $"{_account.UserId}:{_account.GroupId}", path);
            if (exitCode != 0) throw Failed("has a folder that cannot be given to its account", output);
        }
        else if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != ownerOnly)
        {
            throw Failed("has a folder that others may enter", path);
        }
    }

    private string LogEnd()
    {
        const int charactersMax = 600;
        if (!File.Exists(Log)) return "";
        var text = File.ReadAllText(Log).Trim();
        return text.Length <= charactersMax ? text : text[^charactersMax..];
    }

    private VaultException Failed(string what, string output) => new(
        ErrorCode.DatabaseUnavailable,
        retryable: false,
        $"The private database in '{_folder.Database}' {what}"
            + (_account is null
                ? ". "
                : $" by the account '{_account.Name}', which must be able to enter that folder. ")
            + $"PostgreSQL {_programs.Major} said: {(output.Length == 0 ? "nothing" : output)}");

    [LoggerMessage(1101, LogLevel.Information, "Made a private database in {Folder} with PostgreSQL {Major}")]
    private partial void LogCreated(string folder, int major);

    [LoggerMessage(1102, LogLevel.Warning, "Took over the private database that a killed server left running")]
    private partial void LogAdopted();

    [LoggerMessage(1103, LogLevel.Warning, "The database of a killed server does not answer: {Reason} It is restarted")]
    private partial void LogUnanswering(string reason);

    [LoggerMessage(1104, LogLevel.Error, "The private database did not stop: {Reason} The next start takes it over")]
    private partial void LogNotStopped(string reason);
}
