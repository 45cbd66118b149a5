using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Microsoft.Win32.SafeHandles;
using static Beffroi.Agent.Platform.Windows.WindowsConstants;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Reads whose files and folders are, and makes folders that are closed from their first moment.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsSecurity
{
    // Wine's one account. Windows draws the three numbers of a computer or a domain, and none is 0-0-0.
    private const string WineAccount = "S-1-5-21-0-0-0-1000";

    private const string Link = "is a link to somewhere else (a reparse point)";
    private const int FileObject = 1; // SE_FILE_OBJECT.

    private static readonly string[] s_administrators = [.. WindowsAccess.Administrators, WineAccount];
    private static readonly string[] s_administratorsAndSelf = [.. WindowsAccess.Administrators, Self];

    private static string Self => WindowsIdentity.GetCurrent().User?.Value
        ?? throw new InvalidOperationException("A process of Windows has an account.");

    /// <summary>Makes a folder that SYSTEM and the administrators alone may enter, or closes an existing one if it is
    /// theirs. An account without an administrator's rights gets in as well when it makes one itself.</summary>
    /// <returns>As of <see cref="WriteAccess"/>; a folder that is somebody else's stays as it is.</returns>
    internal static string? CreateFolder(string path)
    {
        var security = ClosedFolder();
        // The list goes with the call: no moment in which somebody else may write there. Nothing if it exists.
        security.CreateDirectory(path);
        using var held = Hold(path);
        if (FaultOf(held, path) is { } fault) return fault;
        // For one that existed, and what is in it; by its path, which cannot become another folder while it is held.
        new DirectoryInfo(path).SetAccessControl(security);
        return null;
    }

    internal static string? FaultOfFolder(string path)
    {
        using var held = Hold(path);
        return FaultOf(held, path);
    }

    internal static string? FaultOfFile(SafeFileHandle file, string path) => IsLink(path)
        ? Link
        : Says(AccessOf(file), s_administratorsAndSelf, WindowsAccess.Change);

    /// <remarks>Programs load libraries from their own folder: each file in it counts.</remarks>
    internal static string? FaultOfProgram(string path, ProgramPart part)
    {
        if (part == ProgramPart.Top && !IsDisk(path)) return "is no disk of this computer";
        using var held = Hold(path);
        if (IsLink(path)) return Link;
        var rights = part switch
        {
            ProgramPart.Above => WindowsAccess.Replace,
            ProgramPart.Top => WindowsAccess.ReplaceInTop,
            _ => WindowsAccess.Change,
        };
        if (Says(AccessOf(held), s_administrators, rights) is { } fault) return fault;
        return part != ProgramPart.Folder ? null
            : Directory.EnumerateFiles(path).Select(FaultBeside).FirstOrDefault(fault => fault is not null);
    }

    /// <summary>Reads a security descriptor.</summary>
    /// <returns>0, or the error of Windows.</returns>
    internal static int Read(SafeFileHandle handle, out byte[] descriptor)
    {
        nint found;
        var error = Win32.GetSecurityInfo(
            handle, FileObject, SecurityOwner | SecurityGroup | SecurityDacl, null, null, null, null, &found);
        descriptor = error != 0 ? []
            : new ReadOnlySpan<byte>((void*)found, Win32.GetSecurityDescriptorLength(found)).ToArray();
        if (error == 0) Win32.LocalFree(found);
        return error;
    }

    private static string? FaultBeside(string file)
    {
        var fault = FaultOfProgram(file, ProgramPart.File);
        return fault is null ? null : $"holds {Path.GetFileName(file)}, which {fault}";
    }

    private static string? FaultOf(SafeFileHandle held, string path) => IsLink(path)
        ? Link
        : Says(AccessOf(held), s_administratorsAndSelf, rights: 0);

    /// <summary>Opens a file or folder itself, and no link's target. Until the handle is closed nobody can rename or
    /// remove it: that holds for handles that may read data, and not for those of attributes alone.</summary>
    private static SafeFileHandle Hold(string path)
    {
        var handle = Win32.CreateFileW(WindowsPaths.WithoutLimits(Path.GetFullPath(path)),
            ListDirectory | ReadAttributes | ReadControl, ShareRead | ShareWrite, 0, OpenExisting,
            BackupSemantics | OpenReparsePoint, 0);
        if (!handle.IsInvalid) return handle;
        var error = Marshal.GetLastPInvokeError();
        var message = $"{path}: {WindowsPaths.Describe(error)}";
        throw error switch
        {
            FileNotFound or PathNotFound => new DirectoryNotFoundException(message),
            AccessDenied => new UnauthorizedAccessException(message),
            _ => new IOException(message),
        };
    }

    private static WindowsAccess AccessOf(SafeFileHandle handle)
    {
        var error = Read(handle, out var descriptor);
        if (error != 0) throw new UnauthorizedAccessException(WindowsPaths.Describe(error));
        var parsed = new RawSecurityDescriptor(descriptor, 0);
        var grants = parsed.DiscretionaryAcl?.OfType<QualifiedAce>()
            .Where(entry => entry.AceQualifier == AceQualifier.AccessAllowed)
            .Select(entry => new WindowsGrant(
                entry.SecurityIdentifier.Value, (uint)entry.AccessMask,
                (entry.AceFlags & AceFlags.InheritOnly) != 0));
        return new WindowsAccess(parsed.Owner?.Value, grants?.ToList());
    }

    private static DirectorySecurity ClosedFolder()
    {
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        List<SecurityIdentifier> allowed =
        [
            new(WellKnownSidType.LocalSystemSid, null), new(WellKnownSidType.BuiltinAdministratorsSid, null),
        ];
        if (!Environment.IsPrivilegedProcess) allowed.Add(new SecurityIdentifier(Self));
        foreach (var account in allowed)
            security.AddAccessRule(new FileSystemAccessRule(
                account, FileSystemRights.FullControl,
                InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None,
                AccessControlType.Allow));
        return security;
    }

    private static bool IsLink(string path) => (File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0;

    private static bool IsDisk(string top) =>
        top.Length == 3 && top[1] == ':' && new DriveInfo(top).DriveType == DriveType.Fixed;

    private static string? Says(WindowsAccess access, string[] trusted, uint rights) =>
        access.FindStranger(trusted, rights) is not { } stranger ? null
        : stranger == access.Owner ? $"belongs to {NameOf(stranger)}"
        : $"may be changed by {NameOf(stranger)}";

    private static string NameOf(string account)
    {
        try
        {
            return new SecurityIdentifier(account).Translate(typeof(NTAccount)).Value;
        }
        catch (SystemException failure) when (failure is IdentityNotMappedException or Win32Exception)
        {
            return account; // Deleted, or of a domain that does not answer.
        }
    }
}
