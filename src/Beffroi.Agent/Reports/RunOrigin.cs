using System.Security.Cryptography;

namespace Beffroi.Agent.Reports;

/// <summary>What started a run.</summary>
internal enum RunTrigger
{
    Schedule,
    Continuous,
    Order,
    Manual,
}

/// <summary>Where a run comes from, for its report.</summary>
/// <param name="Id">Made here, so that a report sent twice counts once.</param>
/// <param name="PlanRevision">Whose scope it takes; 0 when a person named the paths.</param>
/// <param name="Class">What it counts for if it is good.</param>
internal sealed record RunOrigin(Guid Id, RunTrigger Trigger, long PlanRevision, string? Class, Guid? Order)
{
    internal static RunOrigin New(RunTrigger trigger, long planRevision, string? runClass, Guid? order = null) =>
        new(new Guid(RandomNumberGenerator.GetBytes(16)), trigger, planRevision, runClass, order);

    internal string TriggerText => Trigger.ToString().ToLowerInvariant();
}
