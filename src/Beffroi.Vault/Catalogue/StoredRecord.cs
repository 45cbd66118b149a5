using Beffroi.Vault.Records;

namespace Beffroi.Vault.Catalogue;

/// <summary>A record on its way into the vault.</summary>
/// <param name="Ref">Its id and key.</param>
/// <param name="Mark">Its place in the run's order.</param>
public readonly record struct StoredRecord(RecordRef Ref, RecordMark Mark);
