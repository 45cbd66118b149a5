namespace Beffroi.Agent.Restore;

/// <summary>What happens to files that exist and differ.</summary>
internal enum RestoreConflict
{
    /// <summary>They stay; each is reported, since its restore did not happen.</summary>
    Report,

    /// <summary>They stay; that is what the person wants.</summary>
    Skip,

    /// <summary>They are replaced.</summary>
    Replace,

    /// <summary>The restored ones get another name.</summary>
    KeepBoth,
}
