using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>Writes a restored tree below one directory. All members may be called from several threads at
/// once.</summary>
/// <remarks>Nothing is written through a link nor outside the directory, even if someone exchanges directories for
/// links meanwhile. Nothing that exists is changed unless the options say so, and a directory never gives way to
/// anything. What is refused as a whole is a <see cref="FileSystemException"/>; what is restored in part is told to the
/// callback given at creation.</remarks>
internal interface ITargetFileSystem : IDisposable
{
    /// <summary>Whether alternate streams, security descriptors and reparse points can be restored here.</summary>
    bool KeepsWindowsMetadata { get; }

    /// <summary>What has that path now, or null.</summary>
    FileStatus? Stat(EntryPath path);

    /// <summary>Creates a directory and what misses above it. Its metadata follow in <see cref="Complete"/>, because
    /// writing into it changes its time and may need rights that its mode takes away.</summary>
    TargetOutcome CreateDirectory(Entry directory);

    /// <summary>Starts a file under a temporary name in its directory; it appears with
    /// <see cref="ITargetFile.Publish"/>.</summary>
    ITargetFile CreateFile(EntryPath path);

    /// <summary>Creates a symbolic link, pipe, device or reparse point with its metadata.</summary>
    TargetOutcome CreateSpecial(Entry entry);

    /// <summary>Gives a restored object another name. Metadata are those of the object already.</summary>
    TargetOutcome CreateHardLink(EntryPath path, EntryPath existing);

    /// <summary>Bytes that may still be written.</summary>
    long FreeBytes();

    /// <summary>Applies the metadata of directories, deepest first, and reports the summaries. To be called once, when
    /// no other call runs.</summary>
    void Complete();

    /// <summary>Makes all that was written durable, as far as <see cref="TargetOptions.Syncs"/> has not done so before.
    /// It waits for what others write to the same disk, too.</summary>
    void Flush();
}

/// <summary>A file being restored. One thread at a time. Disposing it unpublished leaves nothing behind.</summary>
internal interface ITargetFile : IDisposable
{
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Sets the length; what was never written reads as zeros and takes no room where the file system
    /// can.</summary>
    void SetLength(long bytes);

    /// <summary>Writes to a named stream (only where <see cref="ITargetFileSystem.KeepsWindowsMetadata"/>).</summary>
    void WriteStream(string name, long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Applies the metadata and gives the file its name.</summary>
    TargetOutcome Publish(Entry metadata);
}

internal enum TargetOutcome
{
    /// <summary>It is there now; an older file may have been replaced, if the options allow that.</summary>
    Created,

    /// <summary>Something of that name was there and stays. What it is was not looked at, or it is something
    /// else.</summary>
    Exists,

    /// <summary>The same link, pipe, device or further name was there, and stays.</summary>
    Same,

    /// <summary>Something that may never be replaced is in the way; it was reported.</summary>
    Conflict,

    /// <summary>This system or user cannot create it; it was reported.</summary>
    NotRestored,
}

internal sealed record TargetOptions
{
    /// <summary>Replace files, links and the like that exist.</summary>
    internal bool Overwrites { get; init; }

    /// <summary>Use the numbers of users and groups, not their names.</summary>
    internal bool OwnersById { get; init; }

    /// <summary>Everything is to be durable in the end: where no call does that for a whole disk, each file is written
    /// through before it gets its name.</summary>
    internal bool Syncs { get; init; }
}

/// <summary>A part of an object that was not restored.</summary>
/// <param name="Path">Which object; the first one, when the text speaks of several.</param>
/// <param name="What">The part: <c>owner</c>, <c>mode</c>, <c>extended attribute user.x</c>.</param>
/// <param name="Why">The cause and what to do, for a person.</param>
internal readonly record struct TargetProblem(EntryPath Path, string What, string Why);
