using Beffroi.Vault;

namespace Beffroi.Agent.Commands;

/// <summary>Shows what went wrong with single objects, and counts it. Any thread.</summary>
internal sealed class ProblemLines(Terminal terminal, bool json)
{
    private const int ShownMax = 200; // A person reads no more; the count goes on.

    private long _count;

    internal long Count => Interlocked.Read(ref _count);

    /// <summary>Shows one at once.</summary>
    /// <param name="path">Which object, with slashes.</param>
    /// <param name="text">For a person.</param>
    /// <param name="code">For a program.</param>
    internal void Add(string path, string text, ErrorCode code = ErrorCode.None)
    {
        var number = Interlocked.Increment(ref _count);
        if (json)
            terminal.WriteJson(
                new ProblemEvent("problem", path, text, code == ErrorCode.None ? null : ErrorCodeText.Of(code)),
                CliJson.Default.ProblemEvent);
        else if (number <= ShownMax) terminal.Note($"warning: {text}");
        else if (number == ShownMax + 1) terminal.Note("warning: more of the same follows and is only counted.");
    }

    /// <summary>Counts from 0 again, for work that begins anew.</summary>
    internal void Forget() => Interlocked.Exchange(ref _count, 0);
}
