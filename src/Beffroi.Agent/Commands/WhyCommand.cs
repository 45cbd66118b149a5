using System.CommandLine;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Exclusions;
using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Commands;

/// <summary>'beffroi why': which rule keeps a path out of the backup, or that none does.</summary>
internal sealed class WhyCommand : Command
{
    internal WhyCommand(AgentContext context) : base(
        "why", "Say whether a path is backed up, and which rule decides. Exit codes: 0 answered, 1 error.")
    {
        var path = new Argument<string>("PATH") { Description = "A file or folder of this computer." };
        var exclude = new Option<string[]>("--exclude")
        {
            Description = "As for 'beffroi backup'.",
            HelpName = "PATTERN",
        };
        var noDefaults = new Option<bool>("--no-default-excludes") { Description = "As for 'beffroi backup'." };
        var json = SharedOptions.Json();
        Arguments.Add(path);
        Option[] options = [exclude, noDefaults, json];
        foreach (var option in options) Options.Add(option);
        SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(context.Terminal, parsed.GetValue(json), () =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = SharedOptions.LocalPath(parsed.GetRequiredValue(path));
            var patterns = context.LoadSettings().Exclusions.Concat(parsed.GetValue(exclude) ?? []);
            var rules = ExclusionRules.ForThisSystem(patterns, !parsed.GetValue(noDefaults));
            using var source = FileSystems.OpenSource(problem => context.Terminal.Note($"warning: {problem.Text}"));
            // The top of the last backup that holds the path; without one, the file system's.
            var tops = EntryPath.Outermost(LastPaths.Load(context.Home));
            var root = tops.FirstOrDefault(top => target.IsAtOrBelow(top));
            var explanation = ExclusionExplanation.Of(
                source, rules, root, target, problem => context.Terminal.Note($"warning: {problem.Text}"));
            Show(context.Terminal, target, explanation, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Done);
        }));
    }

    private static void Show(Terminal terminal, EntryPath target, ExclusionExplanation explanation, bool json)
    {
        var verdict = explanation.Verdict;
        if (json)
        {
            terminal.WriteJson(new WhyLine(
                target.ToString(), verdict.Excluded, explanation.At.ToString(), verdict.Rule, verdict.Source),
                CliJson.Default.WhyLine);
            return;
        }
        var shown = $"/{Terminal.Show(target)}";
        if (verdict.Excluded)
            terminal.WriteLine(
                $"{shown} is left out: rule '{verdict.Rule}' ({verdict.Source}) fits "
                + $"/{Terminal.Show(explanation.At)}.");
        else if (verdict.Rule is not null)
            terminal.WriteLine($"{shown} is backed up: rule '{verdict.Rule}' ({verdict.Source}) brings it back.");
        else terminal.WriteLine($"{shown} is backed up: no rule leaves it out.");
    }
}
