using Beffroi.Vault;

namespace Beffroi.Fleet.Installers;

/// <summary>The systems that the agent has an installer for.</summary>
public enum InstallerKind
{
    /// <summary>A package for Debian and Ubuntu.</summary>
    Debian,

    /// <summary>An MSI.</summary>
    Windows,
}

/// <summary>An installer that lies on this server.</summary>
/// <param name="Digest">SHA-256 of the file, to compare after a download.</param>
public sealed record Installer(InstallerKind Kind, string FileName, Version Version, long Bytes, Digest256 Digest);

/// <summary>What was found in the folder of installers.</summary>
public abstract record InstallerAnswer
{
    /// <summary>The newest one.</summary>
    public sealed record Found(Installer Installer) : InstallerAnswer;

    /// <summary>There is none.</summary>
    public sealed record Missing(InstallerGap Gap) : InstallerAnswer;
}

/// <summary>Why there is no installer.</summary>
public enum InstallerGap
{
    /// <summary>The folder does not exist.</summary>
    NoFolder,

    /// <summary>The folder has none for this system.</summary>
    NoInstaller,

    /// <summary>The server's account cannot read it.</summary>
    Unreadable,
}
