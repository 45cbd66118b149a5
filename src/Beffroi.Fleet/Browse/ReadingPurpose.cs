namespace Beffroi.Fleet.Browse;

/// <summary>What a snapshot is opened for; the journal says so.</summary>
public enum ReadingPurpose
{
    /// <summary>Listing a folder, or counting a selection.</summary>
    Browse,

    /// <summary>Searching by name.</summary>
    Search,

    /// <summary>Looking for the versions of a path.</summary>
    Versions,

    /// <summary>Showing the start of a file.</summary>
    Preview,

    /// <summary>Downloading one file.</summary>
    File,

    /// <summary>Downloading a selection.</summary>
    Archive,
}

/// <summary>The purposes as the journal and the member's log write them.</summary>
internal static class ReadingPurposeText
{
    internal static string Of(ReadingPurpose purpose) => purpose switch
    {
        ReadingPurpose.Browse => "browse",
        ReadingPurpose.Search => "search",
        ReadingPurpose.Versions => "versions",
        ReadingPurpose.Preview => "preview",
        ReadingPurpose.File => "file",
        ReadingPurpose.Archive => "archive",
        _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, "Not a purpose of reading."),
    };

    /// <summary>Whether contents leave by it, and not names alone.</summary>
    internal static bool IsOfContents(ReadingPurpose purpose) =>
        purpose is ReadingPurpose.Preview or ReadingPurpose.File or ReadingPurpose.Archive;
}
