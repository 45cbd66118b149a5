namespace Beffroi.Agent.Exclusions;

/// <summary>Whether something is left out, and which rule said so last.</summary>
/// <param name="Excluded">Left out, with all that it holds.</param>
/// <param name="Rule">The pattern as it was written; null when none spoke.</param>
/// <param name="Source">Where the rule stands: <c>default</c>, <c>option</c>, <c>/srv/.beffroiignore:3</c>,
/// <c>CACHEDIR.TAG</c>; null when none spoke.</param>
internal readonly record struct ExclusionVerdict(bool Excluded, string? Rule, string? Source)
{
    internal static ExclusionVerdict Kept => default;
}
