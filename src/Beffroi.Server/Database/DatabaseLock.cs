using Beffroi.Vault;

namespace Beffroi.Server.Database;

/// <summary>Who starts and stops the private database: one server, or one command while no server runs. The kernel lets
/// go of the lock when its holder dies, however that happens.</summary>
internal sealed class DatabaseLock : IDisposable
{
    private const string Unknown = "another beffroi-server";

    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Who has the lock, as it said when it took it: 'admin rebuild-index' (process 4711).</summary>
    internal static string HolderOf(string runFolder)
    {
        try
        {
            return File.ReadAllText(HolderIn(runFolder)) is { Length: > 0 } holder ? holder : Unknown;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    /// <summary>Takes the lock, or answers <see langword="null"/> when another process has it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>: another account owns
    /// it.</exception>
    internal static DatabaseLock? TryTake(string runFolder)
    {
        try
        {
            var file = new FileStream(
                Path.Combine(runFolder, "database.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

            // Beside the lock, which nobody else can open. It stays behind, and is read only while the lock is held.
            File.WriteAllText(HolderIn(runFolder), Self());
            return new DatabaseLock(file);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new VaultException(
                ErrorCode.DatabaseUnavailable,
                retryable: false,
                $"The account '{Environment.UserName}' may not use the private database: {exception.Message} Run the "
                    + "command as the "
                    + "account that runs the server.",
                exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string HolderIn(string runFolder) => Path.Combine(runFolder, "database.holder");

    /// <summary>The command without its options, which may hold what is nobody else's business.</summary>
    private static string Self()
    {
        var words = Environment.GetCommandLineArgs().Skip(1).TakeWhile(word => !word.StartsWith('-'));
        return $"'{string.Join(' ', words.Prepend("beffroi-server"))}' (process {Environment.ProcessId})";
    }
}
