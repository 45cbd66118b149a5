namespace Beffroi.ObjectStorage;

/// <summary>What <see cref="S3BlobStore.ProbeAsync"/> found a usable store to be capable of.</summary>
/// <param name="HonoursConditionalPut">Whether a put with <c>If-None-Match: *</c> is refused where a blob is. Without
/// it the store still works, but asks for the blob's length before each put, and of two puts of one name at the same
/// moment both may answer that they stored it (the same bytes, as names say what a blob holds).</param>
/// <param name="Warning">For the operator's log, when something is missing.</param>
public sealed record S3ProbeResult(bool HonoursConditionalPut, string? Warning);
