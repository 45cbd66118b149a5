using Beffroi.Server.Configuration;
using Beffroi.Vault;
using Npgsql;

namespace Beffroi.Server.Database;

/// <summary>A PostgreSQL cluster of the server's own in the data folder, started and stopped with it. Its caller holds
/// the <see cref="DatabaseLock"/>.</summary>
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
    private readonly PostmasterFile _main;
    private readonly ILogger _logger;

    private PrivatePostgres(DataFolder folder, PostgresOptions options, ILogger logger)
    {
        _folder = folder;
        _programs = PostgresPrograms.Find(options.BinFolder, folder.Database);
        _account = PostgresAccount.Find(options.User);
        _socketFolder = PostgresSettings.SocketFolder(folder.Run);
        _main = new PostmasterFile(folder.Database);
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
            await cluster.AdoptAsync();
            return cluster;
        }
        if (isRunning) await cluster.StopAsync();
        await cluster.StartAsync(cancellationToken);
        await cluster.CreateDatabaseIfMissingAsync(cancellationToken);
        return cluster;
    }

    /// <summary>Stops the cluster: sessions are cut off, everything committed is on disk.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Whether the cluster's main process is alive. That of a stranger is not: its file is taken away, or
    /// PostgreSQL would refuse to start beside it.</summary>
    private async Task<bool> IsRunningAsync()
    {
        var (exitCode, output) = await PostgresCommand.RunAsync(
            _account, _programs.PgCtl, "status", "-D", _folder.Database);
        if (exitCode == NotRunning) return false;
        if (exitCode != 0) throw Failed("could not be examined", output);
        if (_main.IsOfLivingProcess()) return true;

        LogStranger(output);
        _main.Remove();
        return false;
    }

    /// <summary>Whether the cluster's main process is alive, at the cost of reading one file.</summary>
    internal bool HasMainProcess() => _main.IsOfLivingProcess();

    /// <summary>Takes over a cluster that runs, with the settings of this program as far as they need no
    /// restart.</summary>
    private async Task AdoptAsync()
    {
        PostgresSettings.Write(_folder.Database, _socketFolder);
        var (exitCode, output) = await PostgresCommand.RunAsync(
            _account, _programs.PgCtl, "reload", "-D", _folder.Database, "-s");
        if (exitCode != 0) throw Failed("did not take its settings", output);
        LogAdopted();
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
        if (new FileInfo(Log) is { Exists: true, Length: > LogBytesMax }) File.Delete(Log);

        for (var attempt = 1; ; attempt++)
        {
            // pg_ctl gives the cluster a session of its own: Ctrl+C reaches the server alone, which stops it in its
            // turn.
            var (exitCode, output) = await PostgresCommand.RunAsync(
                _account, _programs.PgCtl, "start", "-D", _folder.Database, "-l", Log, "-w", "-t", "300", "-s");
            if (exitCode == 0) return;

            // The processes of a cluster that was killed a moment ago need another moment to notice.
            var logEnd = await LogEndAsync();
            var isLeaving = logEnd.Contains("still in use", StringComparison.Ordinal);
            if (!isLeaving || attempt == StartsMax) throw Failed("did not start", $"{output} {logEnd}");
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

    /// <summary>As the account that runs the database: to root it could show any file by a link in its place.</summary>
    private async Task<string> LogEndAsync()
    {
        var (exitCode, output) = await PostgresCommand.RunAsync(_account, "tail", "-c", "600", Log);
        return exitCode == 0 ? output : "";
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

    [LoggerMessage(1106, LogLevel.Warning,
        "The database was cut off, and its process number is another program's by now: {Said} It is started anew")]
    private partial void LogStranger(string said);

    [LoggerMessage(1104, LogLevel.Error, "The private database did not stop: {Reason} The next start takes it over")]
    private partial void LogNotStopped(string reason);
}
