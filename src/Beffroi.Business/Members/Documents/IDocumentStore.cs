namespace Beffroi.Business.Members.Documents;

/// <summary>Keeps the bytes of documents; the database keeps what they are. For many threads at once.</summary>
public interface IDocumentStore
{
    /// <summary>Stores the whole content under <paramref name="id"/>, durably and all at once. An id is used
    /// once.</summary>
    Task PutAsync(DocumentId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The content, which the caller disposes of; <see langword="null"/> if the store has lost it.</summary>
    Task<Stream?> OpenAsync(DocumentId id, CancellationToken cancellationToken);
}
