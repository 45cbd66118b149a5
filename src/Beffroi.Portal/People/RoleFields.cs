using System.Globalization;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.People;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.People;

/// <summary>A role as a form sends it.</summary>
public sealed class RoleFields
{
    public string? Role { get; set; }
    public Guid? Member { get; set; }
    public string? From { get; set; }
    public string? Until { get; set; }

    /// <summary>What is wanted; none if the form names no role. Days are days in France, the last one
    /// included.</summary>
    /// <param name="only">The member of who manages one only, and so chooses none.</param>
    internal RoleWanted? ToWanted(MemberId? only)
    {
        if (!Enum.TryParse<Role>(Role, out var role) || !Enum.IsDefined(role)) return null;

        MemberId? member = Rights.IsOperators(role) ? null : Member is { } id ? new MemberId(id) : only;
        var from = DayOf(From) is { } first ? Words.StartOf(first) : (DateTimeOffset?)null;
        var until = DayOf(Until) is { } last ? Words.StartOf(last.AddDays(1)) : (DateTimeOffset?)null;
        return !Rights.IsOperators(role) && member is null ? null : new RoleWanted(role, member, from, until);
    }

    private static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
}
