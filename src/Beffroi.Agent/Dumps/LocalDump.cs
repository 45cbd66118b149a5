namespace Beffroi.Agent.Dumps;

/// <summary>What <c>agent.json</c> says of a dump: the part that a server must not decide.</summary>
/// <param name="Command">For a dump of kind <c>custom</c>: the program and its arguments; it writes to standard
/// output.</param>
/// <param name="Environment">Passwords, for instance.</param>
/// <param name="Account">On Linux, who runs the program when the agent is root.</param>
internal sealed record LocalDump(
    IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment, string? Account)
{
    internal static LocalDump None { get; } = new([], new Dictionary<string, string>(), null);
}
