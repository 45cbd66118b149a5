using Beffroi.Fleet.Enrolment;
using Beffroi.Fleet.Installers;

namespace Beffroi.Portal.Enrolment;

/// <summary>The lines that people paste into a terminal of the new computer.</summary>
/// <remarks>The token goes to the agent alone, which sends it over a connection that it trusts. The download names the
/// token by its id, which enrols nobody; and what comes is compared with the digest that this very page shows, so a
/// server with a self-made certificate can be asked without checking it.</remarks>
internal static class InstallCommand
{
    internal static string OfDebian(
        string server, Installer installer, TokenId id, string token, bool pinsAuthority) =>
        "d=$(mktemp -d) && wget -q " + (pinsAuthority ? "--no-check-certificate " : "")
        + $"-O \"$d/beffroi.deb\" '{server}/installeurs/{installer.FileName}?code={id}'"
        + $" && echo \"{installer.Digest}  $d/beffroi.deb\" | sha256sum -c"
        + " && apt-get install -y \"$d/beffroi.deb\""
        + $" && {Enrol(server, token)} && systemctl restart beffroi";

    internal static string OfWindows(string server, Installer installer, string token) =>
        $"msiexec /i {installer.FileName} /qn BEFFROIREQUEST=\"{server} {token}\"";

    internal static string Plain(string server, string token) =>
        $"{Enrol(server, token)} && beffroi run --install";

    private static string Enrol(string server, string token) =>
        $"beffroi enroll --server '{server}' --token '{token}'";
}
