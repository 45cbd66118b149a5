namespace Beffroi.Business.Members.Import;

/// <summary>A file that was handed in to be checked.</summary>
public readonly record struct ImportId(Guid Value)
{
    public static ImportId New() => new(RandomId.New());

    public override string ToString() => Value.ToString("D");
}

/// <summary>Keeps files between their check and their import, for a day. For many threads at once.</summary>
public interface IImportShelf
{
    /// <summary>Keeps a file. An id is used once.</summary>
    Task PutAsync(ImportId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The file; <see langword="null"/> if it is not there, or not any more.</summary>
    Task<byte[]?> ReadAsync(ImportId id, CancellationToken cancellationToken);

    /// <summary>Forgets a file, if it is there.</summary>
    Task RemoveAsync(ImportId id, CancellationToken cancellationToken);
}
