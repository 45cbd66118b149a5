using System.Globalization;

namespace Beffroi.Agent.Platform;

/// <summary>Names that restored objects have until they are complete. The process is in the name, so that two restores
/// into one folder do not meet, and so that what a killed one left is known. Pure.</summary>
internal static class TemporaryNames
{
    /// <summary>How each of them starts.</summary>
    internal const string Prefix = ".beffroi-restore-";

    internal static string Of(int process, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{process:x}-{number:x}");

    /// <summary>Whether no living process can complete what has that name. To be asked before process
    /// <paramref name="self"/> makes anything in the folder: a leftover may bear its own number.</summary>
    internal static bool IsAbandoned(string name, int self, Func<int, bool> isAlive)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var parts = name[Prefix.Length..].Split('-');
        if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.AllowHexSpecifier, null, out _)) return false;
        if (!int.TryParse(parts[0], NumberStyles.AllowHexSpecifier, null, out var process)) return false;
        return process > 0 && (process == self || !isAlive(process));
    }
}
