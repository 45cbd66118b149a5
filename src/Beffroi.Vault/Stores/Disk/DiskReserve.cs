namespace Beffroi.Vault.Stores.Disk;

/// <summary>Free space that a store on a disk keeps, so that a full disk stops intake and nothing else.</summary>
/// <param name="Bytes">How much, from 0, which keeps nothing.</param>
/// <param name="IsOpenTo">Names of the new blobs that may use it, <see langword="null"/> for none: small ones without
/// which the rest of the server stands still.</param>
public readonly record struct DiskReserve(long Bytes, Func<BlobName, bool>? IsOpenTo = null);
