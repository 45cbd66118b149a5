using Beffroi.Fleet.Runs;

namespace Beffroi.Fleet.Watch;

/// <summary>The first set of signs that files are being encrypted: many change at once, what is new does not compress
/// or share anything any more, or most of it carries an ending that nobody had.</summary>
/// <remarks>Shares of a run's own counts, so that a small town hall and a big one are judged alike. Bias: one false
/// alarm a year costs a phone call, one missed night costs the other nights' attention too.</remarks>
internal static class RansomwareSigns
{
    // Below this, a person's own work can look so: somebody zips a folder, or converts a few hundred pictures.
    internal const long FilesMin = 200;

    private const double ChangedShareMin = 0.2;
    private const double DenseShareMin = 0.8;
    private const double EndingShareMin = 0.6;

    /// <summary>Whether the counts of a run look like it.</summary>
    internal static bool Found(RunTraces traces)
    {
        if (traces.KnownFiles < FilesMin) return false;

        var touched = traces.ChangedFiles + traces.GoneFiles;
        if (touched < FilesMin || touched < traces.KnownFiles * ChangedShareMin) return false;

        return IsDense(traces) || IsNewEnding(traces);
    }

    /// <summary>Whether most new files end as hardly any known one does.</summary>
    internal static bool IsNewEnding(RunTraces traces) =>
        traces.Extension is not null && traces.ExtensionFiles >= FilesMin
        && traces.ExtensionFiles >= traces.NewFiles * EndingShareMin
        && traces.ExtensionKnown < traces.ExtensionFiles / 10;

    private static bool IsDense(RunTraces traces) =>
        traces.ChangedBytes > 0 && traces.DenseBytes >= traces.ChangedBytes * DenseShareMin;
}
