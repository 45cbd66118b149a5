using System.Buffers;
using System.Text;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Exclusions;

/// <summary>The rules of one run: defaults and options; ignore files join them directory by directory.</summary>
/// <remarks>Who wins, strongest first: options, CACHEDIR.TAG, the nearest ignore file, the farther ones, defaults; in
/// each, the last rule that fits. What lies in an excluded directory is excluded whatever its own rules say, and what a
/// person names as the top of a backup is never excluded.</remarks>
internal sealed class ExclusionRules
{
    private ExclusionRules(RuleList defaults, RuleList options, bool ignoresCase)
    {
        Defaults = defaults;
        Options = options;
        IgnoresCase = ignoresCase;
        Top = new ExclusionScope(this);
    }

    internal RuleList Defaults { get; }

    internal RuleList Options { get; }

    internal bool IgnoresCase { get; }

    /// <summary>The scope in which a run starts.</summary>
    internal ExclusionScope Top { get; }

    /// <summary>Rules of this system.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: a pattern that can fit
    /// nothing.</exception>
    internal static ExclusionRules ForThisSystem(IEnumerable<string> options, bool withDefaults = true) =>
        Create(withDefaults ? DefaultExclusions.OfThisSystem : [], options, OperatingSystem.IsWindows());

    /// <param name="isWindows">Backslashes are slashes, a drive anchors a pattern, and case does not matter.</param>
    internal static ExclusionRules Create(IEnumerable<string> defaults, IEnumerable<string> options, bool isWindows)
    {
        var optionRules = options.Select(text =>
            ParseOption(isWindows ? Slashed(text) : text, text, isWindows, "option"));
        var defaultRules = defaults.Select(text => ParseOption(text, text, isWindows, "default"));
        return new ExclusionRules(new RuleList([.. defaultRules]), new RuleList([.. optionRules]), isWindows);
    }

    /// <summary>Reads an ignore file; lines that can fit nothing are passed over, as git does.</summary>
    internal RuleList ParseFile(EntryPath directory, ReadOnlySpan<byte> content, string fileName)
    {
        var rules = new List<ExclusionRule>();
        var anchor = CaseOf(directory);
        var number = 0;
        if (content.StartsWith("\uFEFF"u8)) content = content[3..];
        foreach (var range in content.Split((byte)'\n'))
        {
            number++;
            var line = TrimEnd(content[range]);
            if (line.IsEmpty || line[0] == '#') continue;
            var (pattern, excludes) = WithoutMark(line);
            var parsed = GlobPattern.Parse(IgnoresCase ? Fold(pattern) : pattern, anchor, isAnchoredByAnySlash: true);
            if (parsed is null) continue;
            rules.Add(new ExclusionRule(parsed, excludes, Encoding.UTF8.GetString(line), $"{fileName}:{number}"));
        }
        return new RuleList(rules);
    }

    /// <summary>The path in the case in which the rules are kept.</summary>
    internal EntryPath CaseOf(EntryPath path) =>
        IgnoresCase && !path.IsEmpty ? new EntryPath((ReadOnlyMemory<byte>)Fold(path.Bytes.Span)) : path;

    private static ExclusionRule ParseOption(string text, string written, bool ignoresCase, string source)
    {
        var (bytes, excludes) = WithoutMark(Encoding.UTF8.GetBytes(text));
        var pattern = GlobPattern.Parse(ignoresCase ? Fold(bytes) : bytes, default, isAnchoredByAnySlash: false)
            ?? throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                $"The exclusion pattern '{written}' can fit nothing: it is empty or has '..'. Write a name (*.iso), a "
                + "path from the root (/srv/x) or the end of one (cache/old).");
        return new ExclusionRule(pattern, excludes, written, source);
    }

    private static (byte[] Pattern, bool Excludes) WithoutMark(ReadOnlySpan<byte> text) =>
        text.StartsWith((byte)'!') ? (text[1..].ToArray(), false) : (text.ToArray(), true);

    private static string Slashed(string text)
    {
        var mark = text.StartsWith('!') ? "!" : "";
        var path = text[mark.Length..].Replace('\\', '/');
        var hasDrive = path.Length > 1 && char.IsAsciiLetter(path[0]) && path[1] == ':';
        return mark + (hasDrive ? "/" : "") + path;
    }

    /// <summary>Without carriage return, and without spaces unless a backslash keeps them.</summary>
    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        var trimmed = line.TrimEnd((byte)' ');
        return trimmed.EndsWith((byte)'\\') && trimmed.Length < line.Length ? line[..(trimmed.Length + 1)] : trimmed;
    }

    private static byte[] Fold(ReadOnlySpan<byte> text)
    {
        var folded = new List<byte>(text.Length);
        Span<byte> encoded = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done;
            if (isValid) folded.AddRange(encoded[..Rune.ToLowerInvariant(rune).EncodeToUtf8(encoded)]);
            else folded.Add(text[0]);
            text = text[(isValid ? length : 1)..];
        }
        return [.. folded];
    }
}
