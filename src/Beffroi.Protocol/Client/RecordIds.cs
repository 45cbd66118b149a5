using Beffroi.Vault;

namespace Beffroi.Protocol.Client;

/// <summary>Lists of record ids as requests carry them.</summary>
internal static class RecordIds
{
    internal static byte[] Write(IReadOnlyCollection<RecordId> ids)
    {
        var bytes = new byte[ids.Count * Digest256.Bytes];
        var offset = 0;
        foreach (var id in ids)
        {
            id.Value.CopyTo(bytes.AsSpan(offset));
            offset += Digest256.Bytes;
        }
        return bytes;
    }
}
