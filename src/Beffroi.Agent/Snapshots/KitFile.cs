using Beffroi.Vault;
using Beffroi.Vault.Recovery;

namespace Beffroi.Agent.Snapshots;

/// <summary>Reads a recovery kit from a file.</summary>
internal static class KitFile
{
    private const long BytesMax = 64 << 10; // A kit is half a kilobyte; the rest is room for notes.

    /// <exception cref="VaultException"><see cref="ErrorCode.KitUnreadable"/>.</exception>
    internal static RecoveryKit Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > BytesMax)
                throw new IOException("it is too large to be a kit");
            return RecoveryKit.Parse(File.ReadAllText(path));
        }
        catch (VaultException exception) when (exception.Code == ErrorCode.KitUnreadable)
        {
            throw new VaultException(exception.Code, retryable: false, $"{path}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception.Message.TrimEnd('.'), exception);
        }
    }

    private static VaultException Unreadable(string path, string why, Exception? cause) =>
        new(ErrorCode.KitUnreadable, retryable: false,
            $"The recovery kit {path} cannot be read: {why}. Give the kit's file, or a text file with its words.",
            cause);
}
