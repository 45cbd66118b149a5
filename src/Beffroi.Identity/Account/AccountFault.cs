using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Identity;

namespace Beffroi.Identity.Account;

/// <summary>Why something that a person wanted for their own account was not done.</summary>
public enum AccountFault
{
    /// <summary>A name is wanted, of at most 200 characters.</summary>
    NameMissing,

    /// <summary>The password that was to prove who asks is not theirs.</summary>
    WrongPassword,

    /// <summary>Too many wrong passwords: the account rests.</summary>
    LockedOut,

    /// <summary>A new password has fewer than 12 characters.</summary>
    TooShort,

    /// <summary>A new password has more than 256 characters.</summary>
    TooLong,

    /// <summary>A new password is one that is guessed first.</summary>
    TooCommon,

    /// <summary>A new password is the person's name or address.</summary>
    LikeTheAccount,

    /// <summary>The code is not the one that the authenticator shows now.</summary>
    WrongCode,

    /// <summary>What was to be changed is not there, or not any more.</summary>
    NotFound,

    /// <summary>Somebody changed the account at the same moment.</summary>
    Outdated,

    /// <summary>The browser's answer does not prove that it holds the passkey.</summary>
    WrongPasskey,

    /// <summary>The account has as many passkeys as it may have.</summary>
    TooManyPasskeys,

    /// <summary>The one-time link was used, replaced by a newer one, or is none of ours.</summary>
    LinkSpent,

    /// <summary>The one-time link is too old.</summary>
    LinkExpired,
}

/// <summary>What ASP.NET Core Identity says, in our words.</summary>
internal static class AccountFaults
{
    internal static AccountFault Of(IdentityResult failed) => failed.Errors.First().Code switch
    {
        "PasswordMismatch" => AccountFault.WrongPassword,
        PasswordRules.TooShort => AccountFault.TooShort,
        PasswordRules.TooLong => AccountFault.TooLong,
        PasswordRules.TooCommon => AccountFault.TooCommon,
        PasswordRules.LikeTheAccount => AccountFault.LikeTheAccount,
        "ConcurrencyFailure" => AccountFault.Outdated,
        var code => throw new InvalidOperationException(
            $"The account was refused for a reason without a name: {code}."),
    };
}
