using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Configuration;

/// <summary>Keeps the enrolment in a file that only its owner may read; on Windows also sealed to the computer (DPAPI),
/// so that a copy of the file alone is of no use.</summary>
internal static class EnrolmentFile
{
    // More than an enrolment has.
    private const int TrialBytes = 8 * 1024;

    /// <summary>Finds out whether an enrolment could be kept, before a token is spent on it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal static void TrySaving(AgentHome home)
    {
        home.CreateFolders();
        AgentHome.Write(home.EnrolmentFile + ".trial", path =>
        {
            DurableFile.Replace(path, new byte[TrialBytes]);
            File.Delete(path);
        });
    }

    /// <summary>Writes the enrolment, durably and all at once.</summary>
    /// <exception cref="ArgumentException">The enrolment is incomplete; a fault of the caller.</exception>
    /// <exception cref="VaultException"><see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal static void Save(AgentHome home, Enrolment enrolment)
    {
        var document = EnrolmentDocument.From(enrolment);
        if (document.FindFault() is { } fault)
            throw new ArgumentException($"The enrolment cannot be kept: {fault}.", nameof(enrolment));
        var json = JsonSerializer.SerializeToUtf8Bytes(document, ConfigurationJson.Default.EnrolmentDocument);
        home.CreateFolders();
        AgentHome.Write(
            home.EnrolmentFile, path => DurableFile.Replace(path, OperatingSystem.IsWindows() ? Seal(json) : json));
        CryptographicOperations.ZeroMemory(json);
    }

    /// <summary>Whether this computer is enrolled, soundly or not.</summary>
    internal static bool Exists(AgentHome home) => File.Exists(home.EnrolmentFile);

    /// <summary>Reads the enrolment.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotEnrolled"/>: there is none;
    /// <see cref="ErrorCode.ConfigurationDamaged"/>: it cannot be used; <see cref="ErrorCode.PlaceUntrusted"/>:
    /// somebody else may have written it.</exception>
    internal static Enrolment Load(AgentHome home)
    {
        var path = home.EnrolmentFile;
        try
        {
            var content = OwnerOnly.Read(path);
            var json = OperatingSystem.IsWindows() ? Unseal(content) : content;
            var document = JsonSerializer.Deserialize(json, ConfigurationJson.Default.EnrolmentDocument);
            if (document is null) throw Damaged(path, "it is empty", null);
            return document.FindFault() is { } fault ? throw Damaged(path, fault, null) : document.ToEnrolment();
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotEnrolled(path);
        }
        catch (Exception failure) when (failure is JsonException or CryptographicException)
        {
            throw Damaged(path, failure.Message.TrimEnd('.'), failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, failure);
        }
    }

    /// <summary>Removes the enrolment; nothing happens when there is none.</summary>
    internal static void Delete(AgentHome home)
    {
        if (Exists(home)) File.Delete(home.EnrolmentFile);
    }

    // Scope "local machine": the service and an administrator's command line are different accounts. Who may read the
    // file is the folder's affair.
    [SupportedOSPlatform("windows")]
    private static byte[] Seal(byte[] json) => ProtectedData.Protect(json, null, DataProtectionScope.LocalMachine);

    [SupportedOSPlatform("windows")]
    private static byte[] Unseal(byte[] content) =>
        ProtectedData.Unprotect(content, null, DataProtectionScope.LocalMachine);

    private static VaultException NotEnrolled(string path) => new(ErrorCode.NotEnrolled, retryable: false,
        $"This computer is not enrolled ({path} does not exist). Ask your operator for an enrolment token, then run "
        + "'beffroi enroll --server URL --token -', which asks for it, as the same user that will run the backups.");

    private static VaultException Damaged(string path, string fault, Exception? cause) => new(
        ErrorCode.ConfigurationDamaged, retryable: false,
        $"The enrolment of this computer ({path}) cannot be used: {fault}. Snapshots on the server are not affected. "
        + "Put the file back from a copy of this computer's system, or ask your operator for a token that replaces "
        + "this device and run 'beffroi enroll --server URL --token -', which asks for it.", cause);

    private static VaultException Unreadable(string path, Exception cause) => new(
        ErrorCode.ConfigurationDamaged, retryable: false,
        $"The enrolment of this computer ({path}) cannot be read: {cause.Message} Run the command as the user that "
        + "enrolled the computer, usually root or an administrator.", cause);
}
