namespace Beffroi.Tidy;

/// <summary>Shell scripts stop at the first failure, and can be started.</summary>
public sealed class ScriptRules
{
    [Fact]
    public void Every_shell_script_stops_at_the_first_failure() => Rule.Holds(Scripts().SelectMany(Unguarded));

    [Fact]
    public void A_script_that_carries_on_is_found()
    {
        Assert.Single(Unguarded(new RepositoryFile("run", "#!/usr/bin/env bash\necho a\n")));
        Assert.Single(Unguarded(new RepositoryFile("eng/a.sh", "echo a\n")));
        Assert.Empty(Unguarded(new RepositoryFile("eng/a.sh", "# Sourced by ./build.\necho a\n")));
    }

    [Fact]
    public void Every_script_can_be_started() =>
        Rule.Holds(
            RepositoryTree
                .Files.Where(file => file.Text.StartsWith("#!", StringComparison.Ordinal) && !IsExecutable(file))
                .Select(file => new Finding(
                    file.Path,
                    1,
                    $"It starts with #! but is not executable: git update-index --chmod=+x {file.Path}")));

    private static IEnumerable<RepositoryFile> Scripts() =>
        RepositoryTree.Files.Where(file => file.HasEnding(".sh") || IsShell(file));

    /// <summary>Windows keeps no such bit; there git alone knows it.</summary>
    private static bool IsExecutable(RepositoryFile file) =>
        OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(Path.Combine(RepositoryTree.Root, file.Path)) & UnixFileMode.UserExecute) != 0;

    private static bool IsShell(RepositoryFile file) =>
        file.Lines[0].StartsWith("#!", StringComparison.Ordinal)
        && file.Lines[0].EndsWith("sh", StringComparison.Ordinal);

    /// <summary>The library of the fault tests sets its own options: a check that fails is reported there, and the
    /// script goes on to the next one.</summary>
    private static bool SourcesTestLibrary(string line) =>
        line.StartsWith(". ", StringComparison.Ordinal) && line.EndsWith("/lib.bash\"", StringComparison.Ordinal);

    private static IEnumerable<Finding> Unguarded(RepositoryFile script)
    {
        if (!IsShell(script))
        {
            if (!script.Lines[0].StartsWith("# Sourced by ", StringComparison.Ordinal))
                yield return new Finding(
                    script.Path,
                    1,
                    "Start with '#!/usr/bin/env bash', or with '# Sourced by …' if it is no program.");
        }
        else if (!script.Lines.Contains("set -euo pipefail") && !script.Lines.Any(SourcesTestLibrary))
            yield return new Finding(script.Path, 2, "Add the line 'set -euo pipefail'.");
    }
}
