namespace Beffroi.Business.Members.Diagnoses;

/// <summary>Why a level is advised, or what comes with it.</summary>
public enum LevelReasonCode
{
    /// <summary>LV01: so few computers that level 1 serves.</summary>
    FewComputers,

    /// <summary>LV02: more fixed computers than level 1 takes.</summary>
    SeveralFixed,

    /// <summary>LV02: more laptops than level 1 takes.</summary>
    SeveralLaptops,

    /// <summary>LV03: there is a server.</summary>
    Server,

    /// <summary>LV04–LV06: the volume is included.</summary>
    VolumeIncluded,

    /// <summary>LV07: each started gigabyte above is charged.</summary>
    VolumeExtra,

    /// <summary>LV08: more than the highest level includes; a study and a quote are made.</summary>
    VolumeBeyondLevels,

    /// <summary>LV08: the technician calls it complex.</summary>
    Complex,

    /// <summary>LV09: laptops get a drive with their fixed computer.</summary>
    DrivePairs,

    /// <summary>LV10: a NAS is supplied.</summary>
    NasSupplied,
}

/// <summary>A reason with its numbers.</summary>
/// <param name="Found">How many there are: computers, gigabytes, pairs.</param>
/// <param name="Limit">Up to how many the rule goes, if it has a limit.</param>
public sealed record LevelReason(LevelReasonCode Code, long Found, long? Limit);
