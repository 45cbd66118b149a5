using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>A regular file open for reading. One thread at a time.</summary>
internal interface ISourceFile : IDisposable
{
    /// <summary>State right after opening; newer than that of the listing, and the one to store.</summary>
    FileStatus Status { get; }

    /// <summary>Reads at an offset, at most the length of the buffer; 0 only at the end of the file.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Identity now: differs from <c>Status.Identity</c> if the file changed since it was opened.</summary>
    FileIdentity Stat();

    /// <summary>Ranges with data, in order: none when the file is one hole; null when there are no holes worth the
    /// name, which are those of <see cref="ExtentList.HoleBytesMin"/> and more.</summary>
    IReadOnlyList<DataExtent>? FindExtents();

    /// <summary>Extended attributes, sorted by name.</summary>
    IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes();

    /// <summary>Says that the file will be read from start to end: the system reads ahead further.</summary>
    void AdviseSequential();

    /// <summary>Starts reading a range into the cache without waiting for it.</summary>
    void Prefetch(long offset, long bytes);
}
