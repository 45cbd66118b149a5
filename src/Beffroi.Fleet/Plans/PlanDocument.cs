using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Beffroi.Fleet.Plans;

/// <summary>A plan as a text that a person can edit: the JSON of <c>admin show-plan</c>.</summary>
public static class PlanDocument
{
    /// <summary>Writes it.</summary>
    public static string Write(PlanContent plan) => PlanJson.Write(plan);

    /// <summary>Reads it.</summary>
    /// <param name="fault">What the text lacks; whether the plan makes sense is <see cref="PlanCheck"/>'s
    /// affair.</param>
    public static bool TryRead(
        string json, [NotNullWhen(true)] out PlanContent? plan, [NotNullWhen(false)] out string? fault)
    {
        (plan, fault) = (null, null);
        try
        {
            plan = PlanJson.Read(json);
        }
        catch (JsonException exception)
        {
            fault = exception.Message;
            return false;
        }
        var hasScope = plan.Scope is { Include: not null, Exclude: not null, Dumps: not null };
        if (hasScope && plan is { TimeZone: not null, Schedule: not null, Pace.Throttles: not null, Drift: not null })
            return true;

        fault = "it lacks one of timeZone, scope, schedule, pace and drift, or of their lists.";
        return false;
    }
}
