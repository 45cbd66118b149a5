using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Beffroi.Vault.Catalogue;
using Microsoft.Win32.SafeHandles;
using static Beffroi.Agent.Platform.Windows.WindowsConstants;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>Gives an open object its security descriptor, attributes and times, in this order.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WindowsRestoredMetadata(TargetProblems problems)
{
    /// <summary>The rights that a handle needs for all of it, and for its renaming.</summary>
    internal const uint Access = ReadAttributes | WriteAttributes | ReadControl | WriteDac | WriteOwner | Delete;

    private const uint Settable = AttributeReadOnly | AttributeHidden | AttributeSystem | AttributeArchive
        | AttributeTemporary | AttributeNotIndexed;

    internal void Apply(Entry entry, SafeFileHandle handle)
    {
        if (entry.Windows is null || entry.ExtendedAttributes.Count > 0)
            problems.Add(entry.Path, "POSIX metadata", "Owners, modes and extended attributes of other systems cannot "
                + "be kept on Windows. Restore on such a system.", onlySummary: true);
        if (entry.Windows is { SecurityDescriptor.IsEmpty: false } windows)
            ApplySecurity(entry.Path, windows.SecurityDescriptor.Span, handle);
        var attributes = (entry.Windows?.Attributes ?? 0) & Settable;
        var basic = new BasicInformation
        {
            Created = entry.Windows is null ? 0 : WindowsStatus.ToFileTime(entry.Windows.CreatedNs),
            Written = WindowsStatus.ToFileTime(entry.ModifiedNs),
            Attributes = attributes == 0 ? AttributeNormal : attributes,
        };
        if (!Win32.SetFileInformationByHandle(handle, BasicInfo, &basic, sizeof(BasicInformation)))
            Report(entry.Path, "attributes and times");
    }

    private void ApplySecurity(EntryPath path, ReadOnlySpan<byte> descriptor, SafeFileHandle handle)
    {
        fixed (byte* start = descriptor)
        {
            if (Win32.SetKernelObjectSecurity(handle, SecurityOwner | SecurityGroup | SecurityDacl, start)) return;
            // Without the restore privilege the owner may not be set, but the access list still may.
            if (!Win32.SetKernelObjectSecurity(handle, SecurityDacl, start)) Report(path, "access list");
            else problems.Add(path, "owner", "Only an administrator may give files to other users.", onlySummary: true);
        }
    }

    private void Report(EntryPath path, string part) =>
        problems.Add(path, part, $"Windows refused it: {WindowsPaths.Describe(Marshal.GetLastPInvokeError())}");
}
