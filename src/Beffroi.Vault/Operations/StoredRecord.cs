using Beffroi.Vault.Catalogue;

namespace Beffroi.Vault.Operations;

/// <summary>A record on its way into the vault.</summary>
/// <param name="Ref">Its id and key.</param>
/// <param name="Number">Its place in the run's order; it is durable once <see cref="RecordUploader.DurableUpTo"/>
/// reaches it.</param>
public readonly record struct StoredRecord(RecordRef Ref, long Number);

/// <summary>A content on its way into the vault.</summary>
/// <param name="Content">Where its bytes are.</param>
/// <param name="Number">Highest number of its records; 0 when it has none.</param>
/// <param name="Bytes">How many bytes were read.</param>
public readonly record struct StoredContent(Content Content, long Number, long Bytes);
