namespace Beffroi.Fleet.Browse.Files;

/// <summary>What a file's first bytes say that it is; its name says nothing.</summary>
public enum PreviewType
{
    /// <summary>Anything else: it is downloaded and not shown.</summary>
    None,

    /// <summary>UTF-8 or Windows-1252, without control characters.</summary>
    Text,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>GIF.</summary>
    Gif,

    /// <summary>WebP.</summary>
    Webp,

    /// <summary>PDF.</summary>
    Pdf,
}

/// <summary>A file that may be looked at before it is downloaded, or not.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Text">Its start, decoded, when it is text.</param>
/// <param name="IsCut">Whether the text goes on.</param>
/// <param name="File">The whole file with its headers, when it is an image or PDF; the caller disposes of it.</param>
public sealed record FilePreview(PreviewType Type, string? Text, bool IsCut, StoredFile? File);
