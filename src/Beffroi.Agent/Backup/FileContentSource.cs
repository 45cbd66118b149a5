using Beffroi.Agent.Platform;
using Beffroi.Vault.Catalogue;
using Beffroi.Vault.Operations;

namespace Beffroi.Agent.Backup;

/// <summary>The bytes of an open file in order, holes left out.</summary>
internal sealed class FileContentSource(
    ISourceFile file, IReadOnlyList<DataExtent>? extents, BackupProgress progress) : IContentSource
{
    private readonly IReadOnlyList<DataExtent> _extents =
        extents ?? [new DataExtent(0, long.MaxValue)];
    private int _current;
    private long _done;

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        while (_current < _extents.Count)
        {
            var extent = _extents[_current];
            var wanted = (int)Math.Min(destination.Length, extent.Bytes - _done);
            var read = wanted == 0 ? 0 : file.Read(extent.Offset + _done, destination[..wanted]);
            if (read > 0)
            {
                _done += read;
                progress.AddRead(read);
                return read;
            }
            _current++;
            _done = 0;
        }
        return 0;
    }
}
