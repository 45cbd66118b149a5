using System.Text.Json;
using Beffroi.Agent.Dumps;
using Beffroi.Vault;

namespace Beffroi.Agent.Configuration;

/// <summary>What a person may set in <c>agent.json</c>. Everything has a default; the file need not exist.</summary>
internal sealed record AgentSettings
{
    /// <summary>Upper limit of the upload, in bytes per second; null for none.</summary>
    public long? UploadBytesPerSecondMax { get; init; }

    /// <summary>Patterns of what is not backed up, besides those of the plan.</summary>
    public IReadOnlyList<string> Exclusions { get; init; } = [];

    /// <summary>Full paths that 'beffroi backup' takes when neither the command nor a plan names any.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Commands, passwords and accounts of the plan's dumps, by the dumps' names.</summary>
    public IReadOnlyDictionary<string, LocalDump> Dumps { get; init; } = new Dictionary<string, LocalDump>();

    /// <summary>Proxy for the way to the server; null for the system's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Reads the settings, or the defaults when there is no file.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.ConfigurationDamaged"/>, with all that is wrong;
    /// <see cref="ErrorCode.PlaceUntrusted"/>: somebody else may have written them.</exception>
    internal static AgentSettings Load(AgentHome home)
    {
        var path = home.SettingsFile;
        try
        {
            var json = OwnerOnly.Read(path).AsSpan();
            // Editors on Windows leave one.
            if (json.StartsWith(s_byteOrderMark)) json = json[s_byteOrderMark.Length..];
            var document = JsonSerializer.Deserialize(json, ConfigurationJson.Default.AgentSettingsDocument)
                ?? new AgentSettingsDocument();
            var faults = document.FindFaults().ToList();
            return faults.Count == 0 ? document.ToSettings() : throw Damaged(path, string.Join("; ", faults), null);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return new AgentSettings();
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, failure.Message.TrimEnd('.'), failure);
        }
    }

    private static readonly byte[] s_byteOrderMark = [0xEF, 0xBB, 0xBF];

    private static VaultException Damaged(string path, string faults, Exception? cause) => new(
        ErrorCode.ConfigurationDamaged, retryable: false,
        $"The settings of the agent ({path}) cannot be used: {faults}. Correct the file, or remove it to return to "
        + "the defaults; nothing was backed up with half of the settings.", cause);
}

/// <summary>What the settings say of a dump, as their file has it.</summary>
internal sealed record LocalDumpDocument
{
    public IReadOnlyList<string>? Command { get; init; }
    public IReadOnlyDictionary<string, string>? Environment { get; init; }
    public string? Account { get; init; }

    internal LocalDump ToLocalDump() =>
        new(Command ?? [], Environment ?? new Dictionary<string, string>(), Account);
}

/// <summary>The settings as their file has them.</summary>
internal sealed record AgentSettingsDocument
{
    private const int ItemsMax = 1_000;
    private const int CharactersMax = 4_096;

    /// <summary>In the unit in which lines are sold.</summary>
    public double? UploadMegabitsPerSecondMax { get; init; }

    public IReadOnlyList<string>? Exclusions { get; init; }
    public IReadOnlyList<string>? Paths { get; init; }
    public IReadOnlyDictionary<string, LocalDumpDocument?>? Dumps { get; init; }
    public string? Proxy { get; init; }

    /// <summary>Everything that is wrong, so that one correction is enough.</summary>
    internal IEnumerable<string> FindFaults()
    {
        if (UploadMegabitsPerSecondMax is { } limit && !UploadLimit.IsValid(limit))
            yield return $"'uploadMegabitsPerSecondMax' must be {UploadLimit.Range}, or absent";
        foreach (var fault in FindFaults(Exclusions, "exclusions")) yield return fault;
        foreach (var fault in FindFaults(Paths, "paths")) yield return fault;
        foreach (var path in Paths ?? [])
            if (path is not null && !Path.IsPathFullyQualified(path))
                yield return $"'paths' has '{path}', which is no full path";
        foreach (var (name, dump) in Dumps ?? new Dictionary<string, LocalDumpDocument?>())
            if (dump is null || dump.Command?.Any(string.IsNullOrEmpty) == true || dump.Account is { Length: 0 })
                yield return $"'dumps' has '{name}' with an empty command, word or account";
        if (Proxy is not null && !IsProxy(Proxy))
            yield return $"'proxy' must be like http://proxy.example:3128 (http, https or socks5), not '{Proxy}'";
    }

    internal AgentSettings ToSettings() => new()
    {
        UploadBytesPerSecondMax = UploadLimit.BytesPerSecond(UploadMegabitsPerSecondMax),
        Exclusions = Exclusions ?? [],
        Paths = Paths ?? [],
        Dumps = (Dumps ?? new Dictionary<string, LocalDumpDocument?>()).ToDictionary(
            dump => dump.Key, dump => dump.Value!.ToLocalDump(), StringComparer.OrdinalIgnoreCase), // Checked.
        Proxy = Proxy is null ? null : new Uri(Proxy),
    };

    private static IEnumerable<string> FindFaults(IReadOnlyList<string?>? items, string name)
    {
        if (items is null) yield break;
        if (items.Count > ItemsMax) yield return $"'{name}' has {items.Count} items, {ItemsMax} are allowed";
        foreach (var item in items)
        {
            if (string.IsNullOrWhiteSpace(item))
                yield return $"'{name}' has an empty item";
            else if (item.Length > CharactersMax)
                yield return $"'{name}' has an item of {item.Length} characters, {CharactersMax} are allowed";
            else if (item.Contains('\0', StringComparison.Ordinal))
                yield return $"'{name}' has an item with a zero character";
        }
    }

    private static bool IsProxy(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5"
        && proxy.Host.Length > 0;
}
