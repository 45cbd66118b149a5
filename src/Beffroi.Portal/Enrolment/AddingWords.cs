using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Installers;

namespace Beffroi.Portal.Enrolment;

/// <summary>The systems between which people choose.</summary>
public enum TargetSystem
{
    Windows,
    Linux,
    Other,
}

/// <summary>Kinds and systems as people say them; French, as everywhere the key of the translation.</summary>
internal static class AddingWords
{
    internal static string Of(DeviceKind kind) => kind switch
    {
        DeviceKind.Laptop => "Ordinateur portable",
        DeviceKind.Server => "Serveur, allumé jour et nuit",
        _ => "Ordinateur fixe",
    };

    internal static string Of(TargetSystem system) => system switch
    {
        TargetSystem.Windows => "Windows",
        TargetSystem.Linux => "Linux (Debian, Ubuntu)",
        _ => "Autre, par commande",
    };

    /// <summary>As the page's address says it.</summary>
    internal static string AddressOf(TargetSystem system) => system switch
    {
        TargetSystem.Windows => "windows",
        TargetSystem.Linux => "linux",
        _ => "autre",
    };

    /// <summary>Windows, where an address says nothing: most computers of town halls have it.</summary>
    internal static TargetSystem SystemOf(string? address) => address switch
    {
        "linux" => TargetSystem.Linux,
        "autre" => TargetSystem.Other,
        _ => TargetSystem.Windows,
    };

    internal static InstallerKind? InstallerOf(TargetSystem system) => system switch
    {
        TargetSystem.Windows => InstallerKind.Windows,
        TargetSystem.Linux => InstallerKind.Debian,
        _ => null,
    };
}
