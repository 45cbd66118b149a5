using System.Text;

namespace Beffroi.Fleet.Browse.Files;

/// <summary>What the portal says of a file of a backup to the browser, so that nothing in it can act on the
/// portal.</summary>
/// <param name="ContentType">One that the browser does not guess beyond.</param>
/// <param name="ContentDisposition">Whether it is shown or saved, and under which name.</param>
/// <param name="ContentSecurityPolicy">What it may load and do: nothing.</param>
public sealed record DownloadHeaders(string ContentType, string ContentDisposition, string ContentSecurityPolicy)
{
    private const string OctetStream = "application/octet-stream";
    private const string Nothing = "default-src 'none'; frame-ancestors 'self'";

    /// <summary>All of them, by the names of the headers.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() => new Dictionary<string, string>
    {
        ["Content-Type"] = ContentType,
        ["Content-Disposition"] = ContentDisposition,
        ["Content-Security-Policy"] = ContentSecurityPolicy,
        ["X-Content-Type-Options"] = "nosniff",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
        ["Cache-Control"] = "private, no-store", // Contents of backups stay on no disk that nobody chose.
    };

    /// <summary>A file that is saved, whatever it is.</summary>
    internal static DownloadHeaders Saved(string name, string contentType = OctetStream) =>
        new(contentType, Disposition("attachment", name), $"{Nothing}; sandbox");

    /// <summary>A file that is shown.</summary>
    internal static DownloadHeaders Shown(string name, PreviewType type) => new(
        ContentTypeOf(type), Disposition("inline", name),
        // Chrome shows no PDF in a sandbox. A viewer runs a PDF's own scripts apart from the page's origin, and the
        // type, which the browser must not guess, keeps it from being anything else.
        type == PreviewType.Pdf ? Nothing : $"{Nothing}; sandbox");

    private static string ContentTypeOf(PreviewType type) => type switch
    {
        PreviewType.Png => "image/png",
        PreviewType.Jpeg => "image/jpeg",
        PreviewType.Gif => "image/gif",
        PreviewType.Webp => "image/webp",
        PreviewType.Pdf => "application/pdf",
        PreviewType.Text => "text/plain; charset=utf-8",
        _ => OctetStream,
    };

    /// <summary>RFC 6266: a plain name for old programs, and the real one in UTF-8.</summary>
    private static string Disposition(string kind, string name)
    {
        var (plain, encoded) = (new StringBuilder(name.Length), new StringBuilder(name.Length));
        foreach (var character in name)
            plain.Append(char.IsAsciiLetterOrDigit(character) || " .-_()".Contains(character) ? character : '_');
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'.' or (byte)'-' or (byte)'_')
                encoded.Append((char)value);
            else encoded.Append('%').Append(Convert.ToHexString([value]));
        }
        return $"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}";
    }
}
