using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.Installers;

namespace Beffroi.Portal.Enrolment;

/// <summary>The lines that people paste into a terminal of the new computer.</summary>
/// <remarks>None holds the token, because the arguments of a program are shown to every account of the computer, and a
/// shell keeps its lines: each asks for it, and gives it to the agent by standard input. The agent sends it over a
/// connection that it trusts. The download names the token by its id, which enrols nobody; and what comes is compared
/// with the digest that this very page shows, so a server with a self-made certificate can be asked without checking
/// it.</remarks>
internal static class InstallCommand
{
    /// <summary>For a shell of root. The token is read first, so that apt finds no input; echo is no program
    /// there.</summary>
    internal static string OfDebian(string server, Installer installer, TokenId id, bool pinsAuthority) =>
        "echo 'Code :' && read -r c && d=$(mktemp -d) && wget -q " + (pinsAuthority ? "--no-check-certificate " : "")
        + $"-O \"$d/beffroi.deb\" '{server}/installeurs/{installer.FileName}?code={id}'"
        + $" && echo \"{installer.Digest}  $d/beffroi.deb\" | sha256sum -c"
        + " && apt-get install -y \"$d/beffroi.deb\""
        + $" && echo \"$c\" | beffroi {Enrol(server)} && systemctl restart beffroi";

    /// <summary>For an administrator's PowerShell, which waits for no installer by itself. The service finds the
    /// enrolment within seconds. 3010: installed, Windows wants to start anew.</summary>
    internal static string OfWindows(string server, Installer installer) =>
        "$c = Read-Host 'Code'; "
        + $"$p = Start-Process msiexec '/i {installer.FileName} /qn' -Wait -PassThru; "
        + $"if ($p.ExitCode -in 0, 3010) {{ "
        + $"$c | & \"$env:ProgramFiles\\Beffroi\\beffroi.exe\" {Enrol(server)} }}";

    /// <summary>For the agent that is there already, which asks by itself.</summary>
    internal static string Plain(string server) => $"beffroi {Enrol(server)} && beffroi run --install";

    private static string Enrol(string server) => $"enroll --server '{server}' --token -";
}
