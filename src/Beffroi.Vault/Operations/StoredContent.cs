using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Records;

namespace Beffroi.Vault.Operations;

/// <summary>A content on its way into the vault.</summary>
/// <param name="Content">Where its bytes are.</param>
/// <param name="Mark">Reached when all its records are; zero when it has none.</param>
/// <param name="Bytes">How many bytes were read.</param>
public readonly record struct StoredContent(Content Content, RecordMark Mark, long Bytes);
