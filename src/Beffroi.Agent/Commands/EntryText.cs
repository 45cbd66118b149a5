using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Commands;

/// <summary>How entries are written for people and for programs.</summary>
internal static class EntryText
{
    private const long NanosecondsPerTick = 100;

    internal static DateTimeOffset Modified(Entry entry) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.DivRem(entry.ModifiedNs, NanosecondsPerTick).Quotient);

    /// <summary><c>-rw-r--r--</c>.</summary>
    internal static string Mode(Entry entry)
    {
        Span<char> text = stackalloc char[10];
        text[0] = entry.Kind switch
        {
            EntryKind.Directory => 'd',
            EntryKind.SymbolicLink or EntryKind.ReparsePoint => 'l',
            EntryKind.Fifo => 'p',
            EntryKind.Socket => 's',
            EntryKind.CharacterDevice => 'c',
            EntryKind.BlockDevice => 'b',
            _ => '-',
        };
        for (var bit = 0; bit < 9; bit++) text[9 - bit] = (entry.Mode >> bit & 1) == 0 ? '-' : "xwr"[bit % 3];
        if ((entry.Mode & 0x800) != 0) text[3] = text[3] == 'x' ? 's' : 'S';
        if ((entry.Mode & 0x400) != 0) text[6] = text[6] == 'x' ? 's' : 'S';
        if ((entry.Mode & 0x200) != 0) text[9] = text[9] == 'x' ? 't' : 'T';
        return new string(text);
    }

    /// <summary>The exact bytes in base64 when the path is not UTF-8, so that no program has to guess.</summary>
    internal static string? ExactPath(EntryPath path) =>
        System.Text.Unicode.Utf8.IsValid(path.Bytes.Span) ? null : Convert.ToBase64String(path.Bytes.Span);

    internal static EntryLine Line(Entry entry) => new(
        entry.Path.ToString(), entry.Kind.ToString(), entry.Bytes, Modified(entry), Mode(entry), entry.UserId,
        entry.GroupId, entry.UserName, entry.GroupName,
        entry.LinkTarget.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(entry.LinkTarget.Span),
        ExactPath(entry.Path));
}
