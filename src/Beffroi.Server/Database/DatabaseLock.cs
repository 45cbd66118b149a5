using Beffroi.Vault;

namespace Beffroi.Server.Database;

/// <summary>Who starts and stops the private database: one server, or one command while no server runs. The kernel lets
/// go of the lock when its holder dies, however that happens.</summary>
internal sealed class DatabaseLock : IDisposable
{
    private readonly FileStream _file;

    private DatabaseLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or answers <see langword="null"/> when another process has it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>: another account owns
    /// it.</exception>
    internal static DatabaseLock? TryTake(string runFolder)
    {
        try
        {
            return new DatabaseLock(new FileStream(
                Path.Combine(runFolder, "database.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
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
}
