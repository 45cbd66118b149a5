namespace Beffroi.Fleet.Plans;

/// <summary>What can be wrong with a plan. The portal makes the sentence.</summary>
public enum PlanFaultKind
{
    /// <summary>It covers nothing: neither a path nor a database.</summary>
    ScopeEmpty,

    /// <summary>Too many paths, patterns, dumps or throttles; the subject says which.</summary>
    TooMany,

    /// <summary>A path that is not full, or has a control character.</summary>
    PathInvalid,

    /// <summary>A pattern that is empty or too long.</summary>
    PatternInvalid,

    /// <summary>A dump's name, database, host, port or user that no command line should carry.</summary>
    DumpInvalid,

    /// <summary>Two dumps of one name: one would overwrite the other.</summary>
    DumpTwice,

    /// <summary>Not a time zone.</summary>
    TimeZoneUnknown,

    /// <summary>A window without start or end, or of no length.</summary>
    WindowInvalid,

    /// <summary>A number out of its bounds; the subject names it.</summary>
    NumberInvalid,

    /// <summary>A throttle without a day or of no length.</summary>
    ThrottleInvalid,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Subject">What it is about: a path, a name, a member of the plan.</param>
public sealed record PlanFault(PlanFaultKind Kind, string Subject);
