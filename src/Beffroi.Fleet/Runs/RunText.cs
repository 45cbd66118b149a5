namespace Beffroi.Fleet.Runs;

/// <summary>The names of a run's members, in the database and on the wire.</summary>
internal static class RunText
{
    internal static string Of(RunTrigger trigger) => trigger switch
    {
        RunTrigger.Schedule => "schedule",
        RunTrigger.Continuous => "continuous",
        RunTrigger.Order => "order",
        _ => "manual",
    };

    internal static string Of(RunClass runClass) => runClass switch
    {
        RunClass.Yearly => "yearly",
        RunClass.Monthly => "monthly",
        _ => "daily",
    };

    internal static string Of(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Completed => "completed",
        RunOutcome.CompletedWithWarnings => "completedWithWarnings",
        RunOutcome.Failed => "failed",
        _ => "interrupted",
    };

    /// <exception cref="FormatException">None of the names.</exception>
    internal static RunTrigger Trigger(string text) => text switch
    {
        "schedule" => RunTrigger.Schedule,
        "continuous" => RunTrigger.Continuous,
        "order" => RunTrigger.Order,
        "manual" => RunTrigger.Manual,
        _ => throw Unknown("trigger", text),
    };

    /// <exception cref="FormatException">None of the names.</exception>
    internal static RunClass Class(string text) => text switch
    {
        "yearly" => RunClass.Yearly,
        "monthly" => RunClass.Monthly,
        "daily" => RunClass.Daily,
        _ => throw Unknown("class", text),
    };

    /// <exception cref="FormatException">None of the names.</exception>
    internal static RunOutcome Outcome(string text) => text switch
    {
        "completed" => RunOutcome.Completed,
        "completedWithWarnings" => RunOutcome.CompletedWithWarnings,
        "failed" => RunOutcome.Failed,
        "interrupted" => RunOutcome.Interrupted,
        _ => throw Unknown("outcome", text),
    };

    private static FormatException Unknown(string what, string text) => new($"'{text}' is no {what} of a run.");
}
