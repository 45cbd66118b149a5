using Beffroi.Identity.Access;

namespace Beffroi.Portal.Settings;

/// <summary>A setting of the server as it is in force.</summary>
/// <param name="Name">As in its configuration, such as <c>Smtp:Host</c>.</param>
/// <param name="Value">None if it is not set; never a secret.</param>
/// <param name="Usual">What it is if nobody sets it.</param>
/// <param name="IsSecret">Whether <paramref name="Value"/> only says that it is set.</param>
public sealed record SettingLine(string Name, string? Value, string? Usual, bool IsSecret = false);

/// <summary>The server's configuration, to be read.</summary>
public interface ISettingSheet
{
    /// <summary>All settings in the order of docs/operations/server.md.</summary>
    /// <exception cref="AccessDeniedException">Not allowed to <see cref="Permission.ManagePlatform"/>.</exception>
    IReadOnlyList<SettingLine> List(Caller caller);
}
