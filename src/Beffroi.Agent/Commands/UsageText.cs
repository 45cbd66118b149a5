using System.Text.RegularExpressions;

namespace Beffroi.Agent.Commands;

/// <summary>What the library of the command line says, for people.</summary>
internal static partial class UsageText
{
    /// <summary>A fault without names of types.</summary>
    internal static string Of(string message)
    {
        if (message == "Required command was not provided.") return "A command is missing.";
        return TypeName().Replace(message, "").ReplaceLineEndings(" ").TrimEnd();
    }

    /// <summary>Up to the first full stop.</summary>
    internal static string? FirstSentence(string? text)
    {
        var end = text?.IndexOf(". ", StringComparison.Ordinal) ?? -1;
        return end < 0 ? text : text![..(end + 1)];
    }

    [GeneratedRegex(" as expected type '[^']*'", RegexOptions.CultureInvariant)]
    private static partial Regex TypeName();
}
