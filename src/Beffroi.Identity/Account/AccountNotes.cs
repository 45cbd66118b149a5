using System.Globalization;
using Beffroi.Identity.People;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.Account;

/// <summary>Small facts kept beside an account, in the framework's table of tokens.</summary>
internal static class AccountNotes
{
    internal const string Provider = "beffroi";

    /// <summary>When the newest invitation was mailed.</summary>
    internal const string Invited = "invited";

    /// <summary>When a link for a forgotten password was mailed last.</summary>
    internal const string ResetAsked = "reset-asked";

    internal static Task WriteMomentAsync(
        UserManager<Person> accounts, Person person, string name, DateTimeOffset moment) =>
        accounts.SetAuthenticationTokenAsync(
            person, Provider, name, moment.ToString("O", CultureInfo.InvariantCulture));

    internal static async Task<DateTimeOffset?> ReadMomentAsync(
        UserManager<Person> accounts, Person person, string name) =>
        Parse(await accounts.GetAuthenticationTokenAsync(person, Provider, name));

    internal static DateTimeOffset? Parse(string? moment) =>
        DateTimeOffset.TryParse(moment, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
}
