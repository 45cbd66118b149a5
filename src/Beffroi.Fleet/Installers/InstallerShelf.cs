using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Beffroi.Fleet.Installers;

/// <summary>The folder where the operator lays the agent's installers, under the names that the build gives them. It is
/// looked into at each request: an installer that is laid down is there. Any thread.</summary>
/// <param name="folder">Full path.</param>
public sealed partial class InstallerShelf(string folder)
{
    // The digest of 20 MB costs 50 ms; a file that is replaced has another time or length.
    private readonly ConcurrentDictionary<(string Path, long Bytes, DateTime Written), InstallerFile> _read = new();

    /// <summary>The newest installer of a kind.</summary>
    public async Task<InstallerAnswer> FindAsync(InstallerKind kind, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder)) return new InstallerAnswer.Missing(InstallerGap.NoFolder);

        try
        {
            var newest = Directory.EnumerateFiles(folder)
                .Select(path => (Path: path, Version: VersionOf(kind, Path.GetFileName(path))))
                .Where(each => each.Version is not null).OrderByDescending(each => each.Version).FirstOrDefault();
            return newest is ({ } path, { } version)
                ? new InstallerAnswer.Found(ToInstaller(kind, version, await ReadAsync(path, cancellationToken)))
                : new InstallerAnswer.Missing(InstallerGap.NoInstaller);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new InstallerAnswer.Missing(InstallerGap.Unreadable);
        }
    }

    /// <summary>What to send of the newest installer.</summary>
    /// <param name="request">Address and token to put inside; null: the file as it is.</param>
    /// <returns>null: there is no such installer, or it has no place for a request.</returns>
    /// <exception cref="IOException">The file went away at this moment.</exception>
    public async Task<InstallerDownload?> OpenAsync(
        InstallerKind kind, (string Server, string Token)? request, CancellationToken cancellationToken)
    {
        if (await FindAsync(kind, cancellationToken) is not InstallerAnswer.Found { Installer: var installer })
            return null;

        var file = await ReadAsync(Path.Combine(folder, installer.FileName), cancellationToken);
        if (request is not var (server, token)) return InstallerDownload.Plain(file);

        var line = $"{server} {token}";
        return kind == InstallerKind.Debian
            ? InstallerDownload.Script(file, line)
            : InstallerDownload.Stamped(file, line);
    }

    private static Installer ToInstaller(InstallerKind kind, Version version, InstallerFile file) =>
        new(kind, Path.GetFileName(file.Path), version, file.Bytes, file.Digest);

    private async Task<InstallerFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var info = new FileInfo(path);
        var key = (path, info.Length, info.LastWriteTimeUtc);
        if (_read.TryGetValue(key, out var known)) return known;

        var file = await InstallerFile.ReadAsync(path, cancellationToken);
        foreach (var old in _read.Keys.Where(each => each.Path == path)) _read.TryRemove(old, out _);
        return _read[key] = file;
    }

    private static Version? VersionOf(InstallerKind kind, string fileName)
    {
        var match = (kind == InstallerKind.Debian ? DebianName() : WindowsName()).Match(fileName);
        return match.Success && Version.TryParse(match.Groups[1].ValueSpan, out var version) ? version : null;
    }

    [GeneratedRegex(@"^beffroi_(\d+\.\d+\.\d+)[^/]*_amd64\.deb\z", RegexOptions.CultureInvariant)]
    private static partial Regex DebianName();

    [GeneratedRegex(@"^beffroi-(\d+\.\d+\.\d+)[^/]*-x64\.msi\z", RegexOptions.CultureInvariant)]
    private static partial Regex WindowsName();
}
