using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Names and numbers of users and groups, asked once each: a directory service may answer slowly.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxAccounts
{
    private const int BufferBytes = 64 * 1024; // A group's members count too; what does not fit stays without name.

    private readonly ConcurrentDictionary<uint, string?> _userNames = new();
    private readonly ConcurrentDictionary<uint, string?> _groupNames = new();
    private readonly ConcurrentDictionary<string, uint?> _userIds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, uint?> _groupIds = new(StringComparer.Ordinal);

    internal string? UserName(uint id) => _userNames.GetOrAdd(id, FindUserName);

    internal string? GroupName(uint id) => _groupNames.GetOrAdd(id, FindGroupName);

    internal uint? UserId(string name) => _userIds.GetOrAdd(name, FindUserId);

    internal uint? GroupId(string name) => _groupIds.GetOrAdd(name, FindGroupId);

    private static string? FindUserName(uint id) => WithBuffer((buffer, length) =>
    {
        Passwd entry;
        Passwd* found;
        var result = Libc.getpwuid_r(id, &entry, buffer, length, &found);
        return result == 0 && found is not null ? Marshal.PtrToStringUTF8((nint)found->Name) : null;
    });

    private static string? FindGroupName(uint id) => WithBuffer((buffer, length) =>
    {
        Group entry;
        Group* found;
        var result = Libc.getgrgid_r(id, &entry, buffer, length, &found);
        return result == 0 && found is not null ? Marshal.PtrToStringUTF8((nint)found->Name) : null;
    });

    private static uint? FindUserId(string name) => WithBuffer<uint?>((buffer, length) =>
    {
        Passwd entry;
        Passwd* found;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            var result = Libc.getpwnam_r(text, &entry, buffer, length, &found);
            return result == 0 && found is not null ? found->UserId : null;
        }
    });

    private static uint? FindGroupId(string name) => WithBuffer<uint?>((buffer, length) =>
    {
        Group entry;
        Group* found;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            var result = Libc.getgrnam_r(text, &entry, buffer, length, &found);
            return result == 0 && found is not null ? found->GroupId : null;
        }
    });

    private delegate T Asking<T>(byte* buffer, int length);

    private static T WithBuffer<T>(Asking<T> ask)
    {
        var rented = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            fixed (byte* buffer = rented) return ask(buffer, rented.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
