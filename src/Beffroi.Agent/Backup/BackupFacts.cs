using Beffroi.Protocol;
using Beffroi.Vault.Commits;

namespace Beffroi.Agent.Backup;

/// <summary>How far a backup came, for its report.</summary>
/// <param name="Outcome">What the walk gave; null when it did not end.</param>
/// <param name="Receipt">The server's signature; null when there is no snapshot.</param>
internal sealed record BackupFacts(BackupProgress Progress, BackupOutcome? Outcome, Receipt? Receipt)
{
    /// <summary>Traces of ransomware that the run counted.</summary>
    internal RunSignals Signals => Progress.Traces.ToSignals(Outcome?.Upload.DenseBytes ?? 0);
}
