using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Beffroi.Agent.Platform.Windows;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Gives an open object its owner, attributes, mode and time.</summary>
/// <remarks>Always through a descriptor, never by a name that may mean another object by then. The order matters: a
/// change of owner clears set-id bits and capabilities, and a mode may forbid writing attributes to all but root.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxMetadata(TargetOptions options, TargetProblems problems)
{
    private const string OwnerSkipped =
        "Only root may give files to other users; they belong to the user who restores. Run the restore as root.";

    private const uint Unchanged = uint.MaxValue; // -1, as chown(2) has it.

    private readonly LinuxAccounts _accounts = new();
    private readonly bool _isRoot = Libc.geteuid() == 0;

    /// <summary>For a file or directory opened for reading or writing.</summary>
    internal void Apply(Entry entry, int descriptor)
    {
        RemoveInheritedAcl(descriptor, entry.Kind);
        var (user, group) = OwnerOf(entry);
        var hasOwner = Check(entry, "owner", Posix.Result(Libc.fchown(descriptor, user, group)));
        foreach (var attribute in entry.ExtendedAttributes)
            if (!IsAcl(attribute)) SetAttribute(entry, descriptor, null, attribute);
        var mode = hasOwner ? ModeOf(entry) : ModeOf(entry) & ~ModeBits.SetIds;
        Check(entry, "mode", Posix.Result(Libc.fchmod(descriptor, mode & ModeBits.Permissions)));
        foreach (var attribute in entry.ExtendedAttributes)
            if (IsAcl(attribute)) SetAttribute(entry, descriptor, null, attribute);
        ApplyTime(entry, descriptor);
    }

    internal void ApplyTime(Entry entry, int descriptor)
    {
        var times = stackalloc TimeSpec[2];
        FillTimes(times, entry.ModifiedNs);
        Check(entry, "time", Posix.Result(Libc.futimens(descriptor, times)));
    }

    /// <summary>For a link, pipe or device, which must not be opened: the descriptor is of O_PATH.</summary>
    internal void ApplyToPinned(Entry entry, int pinned)
    {
        var (user, group) = OwnerOf(entry);
        byte empty = 0;
        var hasOwner = Check(entry, "owner",
            Posix.Result(Libc.fchownat(pinned, &empty, user, group, AtFlags.EmptyPath)));
        // The calls below know no such descriptor, but its name in /proc stands for the same object and nothing else.
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes($"/proc/self/fd/{pinned}\0"))
        {
            var mode = hasOwner ? entry.Mode : entry.Mode & ~ModeBits.SetIds;
            if (entry.Kind != EntryKind.SymbolicLink) // A link has no mode on Linux.
                Check(entry, "mode", Posix.Result(Libc.chmod(path, mode & ModeBits.Permissions)));
            foreach (var attribute in entry.ExtendedAttributes) SetAttribute(entry, -1, path, attribute);
            var times = stackalloc TimeSpec[2];
            FillTimes(times, entry.ModifiedNs);
            Check(entry, "time", Posix.Result(Libc.utimensat(AtFlags.CurrentDirectory, path, times, 0)));
        }
    }

    internal void ReportForeignParts(Entry entry)
    {
        if (entry.Windows is null) return;
        problems.Add(entry.Path, "Windows attributes",
            "Windows attributes, security descriptors and streams cannot be kept on Linux: what was restored is for "
            + "its new owner alone. Restore on Windows to have them.",
            onlySummary: true);
    }

    /// <summary>What comes from Windows has no mode. Its access list may have kept others out and cannot be kept, so
    /// nobody but who restores gets in; the mark "read-only" means nothing for a folder there.</summary>
    private static uint ModeOf(Entry entry) => entry switch
    {
        { Windows: null } => entry.Mode,
        { Kind: EntryKind.Directory } => ModeBits.OwnerAll,
        { Windows.Attributes: var attributes } when (attributes & WindowsConstants.AttributeReadOnly) != 0 =>
            ModeBits.OwnerRead,
        _ => ModeBits.OwnerRead | ModeBits.OwnerWrite,
    };

    private (uint User, uint Group) OwnerOf(Entry entry)
    {
        if (entry.Windows is not null) return (Unchanged, Unchanged);
        if (options.OwnersById) return (entry.UserId, entry.GroupId);
        var user = entry.UserName is null ? null : _accounts.UserId(entry.UserName);
        var group = entry.GroupName is null ? null : _accounts.GroupId(entry.GroupName);
        return (user ?? entry.UserId, group ?? entry.GroupId);
    }

    /// <summary>A folder that was there before may hand an access control list down, which the backup did not have.
    /// </summary>
    private static void RemoveInheritedAcl(int descriptor, EntryKind kind)
    {
        fixed (byte* access = "system.posix_acl_access\0"u8, inherited = "system.posix_acl_default\0"u8)
        {
            _ = Libc.fremovexattr(descriptor, access);
            if (kind == EntryKind.Directory) _ = Libc.fremovexattr(descriptor, inherited);
        }
    }

    [SkipLocalsInit]
    private void SetAttribute(Entry entry, int descriptor, byte* path, ExtendedAttribute attribute)
    {
        var name = stackalloc byte[attribute.Name.Length + 1];
        Posix.Terminate(attribute.Name.Span, name);
        byte none = 0;
        int result;
        fixed (byte* bytes = attribute.Value.Span)
        {
            var value = bytes is null ? &none : bytes;
            result = Posix.Result(path is null
                ? Libc.fsetxattr(descriptor, name, value, attribute.Value.Length, 0)
                : Libc.setxattr(path, name, value, attribute.Value.Length, 0));
        }
        if (result < 0)
            Check(entry, $"extended attribute {System.Text.Encoding.UTF8.GetString(attribute.Name.Span)}", result);
    }

    private bool Check(Entry entry, string part, int result)
    {
        if (result >= 0) return true;
        if (part == "owner" && !_isRoot) problems.Add(entry.Path, part, OwnerSkipped, onlySummary: true);
        else problems.Add(entry.Path, part, $"The file system refused it: {Posix.Describe(-result)}.");
        return false;
    }

    private static bool IsAcl(ExtendedAttribute attribute) => attribute.Name.Span.StartsWith("system.posix_acl_"u8);

    private static void FillTimes(TimeSpec* times, long modifiedNs)
    {
        const uint Omit = 0x3FFFFFFE; // UTIME_OMIT: the access time stays as it is.
        times[0] = new TimeSpec { Nanoseconds = Omit };
        var seconds = Math.DivRem(modifiedNs, 1_000_000_000, out var rest);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + 1_000_000_000);
        times[1] = new TimeSpec { Seconds = seconds, Nanoseconds = (uint)rest };
    }
}
