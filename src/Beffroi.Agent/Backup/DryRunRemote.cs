using Beffroi.Vault;
using Beffroi.Vault.Operations;
using Beffroi.Vault.Packs;

namespace Beffroi.Agent.Backup;

/// <summary>Asks the server like a real run, and sends nothing.</summary>
internal sealed class DryRunRemote(IVaultRemote real) : IVaultRemote
{
    /// <inheritdoc/>
    public ValueTask<bool[]> HaveAsync(IReadOnlyList<RecordId> ids, CancellationToken cancellationToken) =>
        real.HaveAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PutPackAsync(BuiltPack pack, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
