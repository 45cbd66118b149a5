using System.Globalization;
using System.Text;

namespace Beffroi.Fleet.Installers;

/// <summary>An installer on its way to a person: the file, with a text put before it or over a part of it.</summary>
public sealed class InstallerDownload
{
    // As 'eng/make-deb' names what postinst reads, docs/operations/installers.md explains it.
    private const string ScriptText = """
        #!/bin/sh
        # Installs the Beffroi backup agent on Debian or Ubuntu and enrols this computer: sudo sh FILE
        # It holds a code that works once, for one computer. Delete it afterwards.
        set -eu
        [ "$(id -u)" = 0 ] || { echo "Run it as root: sudo sh $0" >&2; exit 1; }
        folder=$(mktemp -d)
        trap 'rm -rf "$folder"' EXIT
        tail -n +FIRST "$0" >"$folder/beffroi.deb"
        echo "DIGEST  $folder/beffroi.deb" | sha256sum -c --quiet - ||
            { echo "The download is damaged. Fetch it again." >&2; exit 1; }
        # Root's folder, so that nobody else reads the code; the package enrols with what is in it.
        config=${BEFFROI_HOME:+$BEFFROI_HOME/config}
        config=${config:-/etc/beffroi}
        mkdir -p -m 700 "$config"
        (umask 077; echo 'REQUEST' >"$config/enrolment-pending")
        apt-get install -y "$folder/beffroi.deb"
        [ ! -e "$config/enrolment-pending" ] ||
            { echo "This computer is not enrolled yet: see above, then run 'beffroi enroll'." >&2; exit 1; }
        beffroi status
        exit 0

        """;

    private readonly string _path;
    private readonly byte[] _text;
    private readonly long _textOffset;
    private readonly bool _replaces;

    private InstallerDownload(
        InstallerFile file, string fileName, string contentType, byte[] text, long textOffset, bool replaces)
    {
        (FileName, ContentType) = (fileName, contentType);
        (_path, _text, _textOffset, _replaces) = (file.Path, text, textOffset, replaces);
        Bytes = file.Bytes + (replaces ? 0 : text.Length);
    }

    /// <summary>What the browser is to call it.</summary>
    public string FileName { get; }

    /// <summary>MIME type.</summary>
    public string ContentType { get; }

    /// <summary>Length of all of it.</summary>
    public long Bytes { get; }

    /// <summary>The file as it lies there.</summary>
    internal static InstallerDownload Plain(InstallerFile file) => new(
        file, Path.GetFileName(file.Path), "application/octet-stream", [], textOffset: 0, replaces: false);

    /// <summary>A shell script with the package behind it: a .deb itself has no room that its own scripts can
    /// read.</summary>
    internal static InstallerDownload Script(InstallerFile file, string request)
    {
        var text = ScriptText.ReplaceLineEndings("\n");
        var first = text.Count(character => character == '\n') + 1; // The line on which the package begins.
        text = text.Replace("FIRST", first.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("DIGEST", file.Digest.ToString(), StringComparison.Ordinal)
            .Replace("REQUEST", request, StringComparison.Ordinal);
        return new InstallerDownload(
            file, "installer-beffroi.sh", "application/x-sh", Encoding.ASCII.GetBytes(text), textOffset: 0,
            replaces: false);
    }

    /// <summary>The MSI with the request in the place that its build left for it.</summary>
    /// <returns>null: there is no such place, or the request is longer than it.</returns>
    internal static InstallerDownload? Stamped(InstallerFile file, string request)
    {
        if (file.SlotOffset is not { } offset || request.Length > InstallerFile.SlotBytes) return null;

        var text = Encoding.ASCII.GetBytes(request.PadRight(InstallerFile.SlotBytes));
        return new InstallerDownload(
            file, "installer-beffroi.msi", "application/x-msi", text, offset, replaces: true);
    }

    /// <summary>Sends all of it.</summary>
    /// <exception cref="IOException">The file cannot be read, or the other side went away.</exception>
    public async Task WriteToAsync(Stream target, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            _path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, useAsync: true);
        await CopyAsync(file, target, _textOffset, cancellationToken);
        await target.WriteAsync(_text, cancellationToken);
        if (_replaces) file.Position += _text.Length;
        await file.CopyToAsync(target, cancellationToken);
    }

    private static async Task CopyAsync(Stream file, Stream target, long bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[81920];
        while (bytes > 0)
        {
            var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, buffer.Length)), cancellationToken);
            if (read == 0) throw new EndOfStreamException("An installer became shorter while it was sent.");
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            bytes -= read;
        }
    }
}
