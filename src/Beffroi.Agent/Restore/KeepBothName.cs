using System.Globalization;
using System.Text;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Restore;

/// <summary>The name of a restored file beside the one that is there: <c>budget (2026-03-01 14h05).xlsx</c>.</summary>
internal static class KeepBothName
{
    /// <summary>What tells the restored file from the other: the moment of the restore, in local time. Without a colon,
    /// which Windows does not allow.</summary>
    internal static string SuffixAt(DateTimeOffset local) =>
        local.ToString("' ('yyyy-MM-dd HH'h'mm')'", CultureInfo.InvariantCulture);

    /// <summary>The path with the suffix before its ending.</summary>
    internal static EntryPath Of(EntryPath path, string suffix)
    {
        var name = path.Name.Span;
        var dot = name.LastIndexOf((byte)'.');
        var stem = dot > 0 ? name[..dot] : name;
        byte[] renamed = [.. stem, .. Encoding.UTF8.GetBytes(suffix), .. dot > 0 ? name[dot..] : []];
        return path.Parent.Append(renamed);
    }
}
