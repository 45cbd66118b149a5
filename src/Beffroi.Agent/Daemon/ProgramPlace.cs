using Beffroi.Agent.Platform;
using Beffroi.Vault;

namespace Beffroi.Agent.Daemon;

/// <summary>Where the program of a service lies. Who may put another program there becomes root or SYSTEM.</summary>
internal static class ProgramPlace
{
    /// <summary>Refuses a program that anybody but administrators could replace: the file, its folder, or one above
    /// it.</summary>
    /// <param name="program">Full path.</param>
    /// <param name="faultOf">What is wrong with a part of its place; null: nothing.</param>
    /// <exception cref="VaultException"><see cref="ErrorCode.PlaceUntrusted"/>.</exception>
    internal static void Demand(string program, Func<string, ProgramPart, string?> faultOf)
    {
        try
        {
            foreach (var (path, part) in PartsOf(program))
                if (faultOf(path, part) is { } fault) throw Refused(program, $"{path} {fault}", null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refused(program, $"it cannot be told who may replace it ({failure.Message.TrimEnd('.')})", failure);
        }
    }

    /// <summary>The program and the folders above it, from below.</summary>
    private static IEnumerable<(string Path, ProgramPart Part)> PartsOf(string program)
    {
        yield return (program, ProgramPart.File);
        var part = ProgramPart.Folder;
        for (var folder = Path.GetDirectoryName(program); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return (folder, part);
            part = Path.GetDirectoryName(Path.GetDirectoryName(folder)) is null ? ProgramPart.Top : ProgramPart.Above;
        }
    }

    private static VaultException Refused(string program, string why, Exception? cause) => new(
        ErrorCode.PlaceUntrusted, retryable: false,
        $"{program} was not made a service: {why}. A service runs with all rights, and whoever could replace its "
        + "program would have them. Copy the agent to a folder in which administrators alone may write, "
        + (OperatingSystem.IsWindows() ? @"such as C:\Program Files\Beffroi with libzstd.dll beside it, "
            : "such as /opt/beffroi, ")
        + "and run the command again from there.", cause);
}
