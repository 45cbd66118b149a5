using System.Globalization;
using Beffroi.Vault;

namespace Beffroi.Agent.Configuration;

/// <summary>Held by the one run that works. The system frees it when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private static readonly TimeSpan s_retryEvery = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, waiting at most <paramref name="wait"/> for the run that has it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.AlreadyRunning"/> (retry), naming the process;
    /// <see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal static async Task<RunLock> AcquireAsync(
        AgentHome home, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        home.CreateFolders();
        var started = time.GetTimestamp();
        while (true)
        {
            if (TryOpen(home.LockFile) is { } file) return Held(file);
            if (time.GetElapsedTime(started) >= wait) throw AlreadyRunning(home.LockFile);
            await Task.Delay(s_retryEvery, time, cancellationToken);
        }
    }

    /// <summary>Takes the lock of the daemon; null while another daemon has it.</summary>
    internal static RunLock? TryHoldDaemon(AgentHome home)
    {
        home.CreateFolders();
        return TryOpen(home.DaemonLockFile) is { } file ? Held(file) : null;
    }

    /// <summary>Whether a daemon lives on this device. Safe beside it, and changes nothing.</summary>
    internal static bool IsDaemonAlive(AgentHome home)
    {
        if (!File.Exists(home.DaemonLockFile)) return false;
        try
        {
            using var file = TryOpen(home.DaemonLockFile);
            return file is null;
        }
        catch (UnauthorizedAccessException)
        {
            return false; // Another user's: not to be told from here.
        }
    }

    /// <summary>Frees the lock. The file stays: removing it would let two processes lock two files of one
    /// name.</summary>
    public void Dispose() => _file.Dispose();

    private static RunLock Held(FileStream file)
    {
        try
        {
            WriteHolder(file.Name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It only helps a message: a full disk must not end the backups that need none of it.
        }
        return new RunLock(file);
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            // FileShare.None is an exclusive flock() on Unix and a sharing mode on Windows.
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None,
            };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(path, options);
        }
        catch (IOException failure) when (IsHeld(failure))
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw AgentHome.Unwritable(path, failure);
        }
    }

    // EWOULDBLOCK on Linux and on macOS; ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeld(IOException failure) => failure.HResult is 11 or 35 or unchecked((int)0x80070020);

    // Beside the lock, since nobody else may open the locked file itself.
    private static string HolderOf(string lockPath) => Path.ChangeExtension(lockPath, ".pid");

    private static void WriteHolder(string lockPath)
    {
        using var file = OwnerOnly.Overwrite(HolderOf(lockPath));
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
    }

    private static VaultException AlreadyRunning(string lockPath) => new(ErrorCode.AlreadyRunning, retryable: true,
        $"Another run of the agent works on this computer ({ReadHolder(lockPath)} holds {lockPath}). Wait until it is "
        + "done ('beffroi status' shows it), or end that process; then run the command again.");

    private static string ReadHolder(string lockPath)
    {
        try
        {
            return int.TryParse(File.ReadAllText(HolderOf(lockPath)), CultureInfo.InvariantCulture, out var id)
                ? $"process {id}"
                : "a process that is just starting";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "a process";
        }
    }
}
