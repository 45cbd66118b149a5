using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Account;
using Beffroi.Identity.Journal;
using Beffroi.Identity.SignIn;
using Beffroi.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Fleet.Tests.People;

/// <summary>What people do with their own account, and what somebody who guesses at it gets.</summary>
public sealed class OwnAccountTests(TestCluster cluster)
{
    private const string Email = "jeanne@a.example";
    private const string NewPassword = "la mairie ouvre à neuf heures";

    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task A_changed_password_ends_all_sessions_but_the_one_that_asked()
    {
        await using var town = await Town.BuildAsync(cluster);
        var jeanne = await town.AddCallerAsync(Email, Role.Referent, town.A);
        var here = await SessionAsync(town);
        var there = await SessionAsync(town);

        Assert.Equal(
            AccountFault.WrongPassword, await ChangeAsync(town, jeanne, "pas le bon du tout", NewPassword, here));
        Assert.Equal(AccountFault.TooCommon, await ChangeAsync(town, jeanne, Town.Password, "azerty123456!", here));
        Assert.Equal(
            AccountFault.LikeTheAccount, await ChangeAsync(town, jeanne, Town.Password, "jeanne-jeanne-12", here));
        Assert.Null(await ChangeAsync(town, jeanne, Town.Password, NewPassword, here));

        var sessions = town.Get<SessionBook>();
        Assert.NotNull(await sessions.FindCallerAsync(here, null, Never));
        Assert.Null(await sessions.FindCallerAsync(there, null, Never));
        Assert.IsType<SignInOutcome.Refused>(await town.SignInAsync(Email));
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email, NewPassword));
        Assert.Contains(
            ("AccountChanged", nameof(Identity.Mail.AccountChange.PasswordChanged)), await town.MailsAsync(Email));
    }

    [Fact]
    public async Task Nobody_ends_a_session_of_somebody_else()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync(Email, Role.Referent, town.A);
        var luc = await town.AddCallerAsync("luc@a.example", Role.Agent, town.A);
        var session = await SessionAsync(town);

        Assert.Equal(
            AccountFault.NotFound,
            await town.AskAsync<OwnAccountDesk, AccountFault?>(desk => desk.EndSessionAsync(luc, session, Never)));

        Assert.NotNull(await town.Get<SessionBook>().FindCallerAsync(session, null, Never));
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_and_each_code_serves_once()
    {
        await using var town = await Town.BuildAsync(cluster);
        var jeanne = await town.AddCallerAsync(Email, Role.Referent, town.A);
        var codes = await TurnOnAsync(town, jeanne);
        Assert.Equal(SecondFactorDesk.RecoveryCodesCount, codes.Count);

        Assert.IsType<SignInOutcome.Admitted>(await SecondStepAsync(town, codes[0]));
        Assert.Equal(SignInRefusal.WrongCode, RefusalOf(await SecondStepAsync(town, codes[0])));
        Assert.IsType<SignInOutcome.Admitted>(await SecondStepAsync(town, codes[1].ToLowerInvariant()));

        var account = await town.AskAsync<OwnAccountDesk, OwnAccount>(desk => desk.GetAsync(jeanne, Never));
        Assert.Equal(8, account.RecoveryCodesLeft);
        var renewed = await town.AskAsync<SecondFactorDesk, SecondFactorOutcome>(
            desk => desk.RenewCodesAsync(jeanne, Town.Password, Never));
        Assert.Equal(SignInRefusal.WrongCode, RefusalOf(await SecondStepAsync(town, codes[2])));
        Assert.IsType<SignInOutcome.Admitted>(await SecondStepAsync(town, renewed.RecoveryCodes[0]));
    }

    [Fact]
    public async Task A_code_of_the_authenticator_serves_once_and_the_key_is_not_in_the_database()
    {
        await using var town = await Town.BuildAsync(cluster);
        var jeanne = await town.AddCallerAsync(Email, Role.Referent, town.A);
        var setup = (await town.AskAsync<SecondFactorDesk, SecondFactorSetup?>(
            desk => desk.BeginAsync(jeanne, Never)))!;
        var key = setup.Key.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        var code = Authenticator.CodeOf(key);
        var codes = await ConfirmAsync(town, jeanne, code);

        Assert.IsType<SignInOutcome.Admitted>(await SecondStepAsync(town, code));
        Assert.Equal(SignInRefusal.WrongCode, RefusalOf(await SecondStepAsync(town, code)));
        await using var db = await town.Get<IDbContextFactory<IdentityDb>>().CreateDbContextAsync();
        var kept = string.Join('\n', await db.Set<IdentityUserToken<Guid>>().Select(row => row.Value).ToListAsync());
        Assert.DoesNotContain(key, kept, StringComparison.OrdinalIgnoreCase);
        Assert.All(codes, each => Assert.DoesNotContain(each, kept, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Taking_the_second_factor_off_asks_for_the_password()
    {
        await using var town = await Town.BuildAsync(cluster);
        var jeanne = await town.AddCallerAsync(Email, Role.Referent, town.A);
        await TurnOnAsync(town, jeanne);

        Assert.Equal(AccountFault.WrongPassword, await TurnOffAsync(town, jeanne, "pas le bon du tout"));
        Assert.IsType<SignInOutcome.CodeWanted>(await town.SignInAsync(Email));
        Assert.Null(await TurnOffAsync(town, jeanne, Town.Password));
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email));
    }

    [Fact]
    public async Task An_account_rests_after_five_wrong_passwords_for_a_quarter_of_an_hour()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync(Email, Role.Referent, town.A);
        for (var attempt = 0; attempt < 5; attempt++) await town.SignInAsync(Email, "pas le bon du tout");

        Assert.Equal(SignInRefusal.LockedOut, RefusalOf(await town.SignInAsync(Email)));
        Assert.Contains(Acts.AccountLockedOut, await town.ActsAsync());
        await ForwardAsync(town, Email);
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email));
    }

    [Fact]
    public async Task One_address_that_tries_many_accounts_is_stopped_and_others_are_not()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync(Email, Role.Referent, town.A);
        for (var attempt = 0; attempt < AttemptLimit.FailuresMax; attempt++)
            await town.SignInAsync($"nobody{attempt}@a.example", "pas le bon du tout", "198.51.100.1");

        Assert.Equal(
            SignInRefusal.TooManyAttempts, RefusalOf(await town.SignInAsync(Email, origin: "198.51.100.1")));
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email, origin: "198.51.100.2"));
        town.Time.Step(AttemptLimit.Window);
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email, origin: "198.51.100.1"));
    }

    [Fact]
    public async Task A_forgotten_password_is_chosen_anew_once_within_an_hour()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync(Email, Role.Referent, town.A);
        var session = await SessionAsync(town);
        await ForgetAsync(town, Email);
        await ForgetAsync(town, Email); // Within two minutes: one mail is enough.
        await ForgetAsync(town, "nobody@a.example");
        Assert.Single(await town.MailsAsync(Email));
        Assert.Empty(await town.MailsAsync("nobody@a.example"));
        var token = await town.LastTokenAsync(Email);

        Assert.Equal(AccountFault.LinkSpent, await ResetAsync(town, token[..^4], NewPassword));
        Assert.Equal(
            AccountFault.LinkSpent,
            await town.AskAsync<PasswordLinkDesk, AccountFault?>(desk => desk.UseAsync(
                token, LinkPurpose.Invitation, NewPassword, new Visitor(null, null), Never)));
        Assert.Null(await ResetAsync(town, token, NewPassword));
        Assert.Equal(AccountFault.LinkSpent, await ResetAsync(town, token, "encore une autre phrase"));

        Assert.Null(await town.Get<SessionBook>().FindCallerAsync(session, null, Never));
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email, NewPassword));
        town.Time.Step(TimeSpan.FromMinutes(3));
        await ForgetAsync(town, Email);
        var late = await town.LastTokenAsync(Email);
        town.Time.Step(TimeSpan.FromHours(1));
        Assert.Equal(AccountFault.LinkExpired, await ResetAsync(town, late, "encore une autre phrase"));
    }

    [Fact]
    public async Task An_unknown_address_is_answered_as_slowly_as_a_known_one()
    {
        await using var town = await Town.BuildAsync(cluster);
        await town.AddAsync(Email, Role.Referent, town.A);
        foreach (var email in new[] { Email, "nobody@a.example" })
        {
            var begun = TimeProvider.System.GetTimestamp();
            await ForgetAsync(town, email);
            Assert.True(TimeProvider.System.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(490), email);
        }
    }

    private static async Task<Guid> SessionAsync(Town town) =>
        Assert.IsType<SignInOutcome.Admitted>(await town.SignInAsync(Email)).Session.Id;

    private static Task<AccountFault?> ChangeAsync(
        Town town, Caller caller, string current, string wanted, Guid session) =>
        town.AskAsync<OwnAccountDesk, AccountFault?>(
            desk => desk.ChangePasswordAsync(caller, current, wanted, session, Never));

    private static async Task<IReadOnlyList<string>> TurnOnAsync(Town town, Caller caller)
    {
        var setup = await town.AskAsync<SecondFactorDesk, SecondFactorSetup?>(desk => desk.BeginAsync(caller, Never));
        return await ConfirmAsync(town, caller, Authenticator.CodeOf(
            setup!.Key.Replace(" ", "", StringComparison.Ordinal)));
    }

    private static async Task<IReadOnlyList<string>> ConfirmAsync(Town town, Caller caller, string code)
    {
        var outcome = await town.AskAsync<SecondFactorDesk, SecondFactorOutcome>(
            desk => desk.ConfirmAsync(caller, code, Never));
        Assert.Null(outcome.Fault);
        return outcome.RecoveryCodes;
    }

    private static Task<AccountFault?> TurnOffAsync(Town town, Caller caller, string password) =>
        town.AskAsync<SecondFactorDesk, AccountFault?>(desk => desk.TurnOffAsync(caller, password, Never));

    private static async Task<SignInOutcome> SecondStepAsync(Town town, string code)
    {
        var wanted = Assert.IsType<SignInOutcome.CodeWanted>(await town.SignInAsync(Email));
        return await town.AskAsync<SignInDesk, SignInOutcome>(desk => desk.TryCodeAsync(
            wanted.State, code, new Visitor("192.0.2.9", null), Never));
    }

    private static SignInRefusal RefusalOf(SignInOutcome outcome) =>
        Assert.IsType<SignInOutcome.Refused>(outcome).Reason;

    private static Task<bool> ForgetAsync(Town town, string email) =>
        town.AskAsync<PasswordLinkDesk, bool>(async desk =>
        {
            await desk.AskAsync(email, new Visitor("192.0.2.9", null), Never);
            return true;
        });

    private static Task<AccountFault?> ResetAsync(Town town, string token, string password) =>
        town.AskAsync<PasswordLinkDesk, AccountFault?>(desk => desk.UseAsync(
            token, LinkPurpose.PasswordReset, password, new Visitor(null, null), Never));

    /// <summary>The framework reads the system's clock for lock-outs: the test moves their end instead.</summary>
    private static async Task ForwardAsync(Town town, string email)
    {
        await using var db = await town.Get<IDbContextFactory<IdentityDb>>().CreateDbContextAsync();
        var person = await db.People.SingleAsync(row => row.Email == email);
        Assert.InRange(
            person.LockoutEnd!.Value - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromMinutes(13), TimeSpan.FromMinutes(15));
        person.LockoutEnd -= TimeSpan.FromMinutes(15);
        await db.SaveChangesAsync();
    }
}
