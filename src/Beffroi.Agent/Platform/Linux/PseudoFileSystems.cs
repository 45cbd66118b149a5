using System.Globalization;

namespace Beffroi.Agent.Platform.Linux;

/// <summary>Which mounted file systems hold no files of anyone: the kernel makes their content up when asked.</summary>
internal static class PseudoFileSystems
{
    private const long TmpFs = 0x01021994, Fuse = 0x65735546;

    /// <summary>Name by the f_type of statfs (linux/magic.h), or by the mount table where several types share
    /// one.</summary>
    internal static string? NameOf(long type, ulong device, IEnumerable<string> mountInfo) => type switch
    {
        0x9FA0 => "proc",
        0x62656572 => "sysfs",
        0x27E0EB => "cgroup",
        0x63677270 => "cgroup2",
        0x1CD1 => "devpts",
        0x64626720 => "debugfs",
        0x74726163 => "tracefs",
        0x73636673 => "securityfs",
        0x6165676C => "pstore",
        0xCAFE4A11 => "bpf",
        0x62656570 => "configfs",
        0xDE5E81E4 => "efivarfs",
        0x65735543 => "fusectl",
        0x42494E4D => "binfmt_misc",
        0x6E736673 => "nsfs",
        0x67596969 => "rpc_pipefs",
        0x6E667364 => "nfsd",
        0x19800202 => "mqueue",
        0x958458F6 => "hugetlbfs",
        0xF97CFF8C => "selinuxfs",
        0x0187 => "autofs",
        TmpFs or Fuse => TypeInMountTable(device, mountInfo) is "devtmpfs" or "fuse.gvfsd-fuse" or "fuse.portal"
            or "fuse.lxcfs" ? TypeInMountTable(device, mountInfo) : null,
        _ => null,
    };

    /// <summary>The type that /proc/self/mountinfo gives for a device: "24 1 0:22 / /dev rw - devtmpfs udev
    /// rw".</summary>
    private static string? TypeInMountTable(ulong device, IEnumerable<string> mountInfo)
    {
        var number = string.Create(CultureInfo.InvariantCulture, $"{device >> 32}:{(uint)device}");
        foreach (var line in mountInfo)
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            if (separator > 2 && separator + 1 < fields.Length && fields[2] == number) return fields[separator + 1];
        }
        return null;
    }
}
