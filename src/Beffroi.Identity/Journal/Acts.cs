namespace Beffroi.Identity.Journal;

/// <summary>Names of this module's acts, as the journal keeps them for ever. The portal has words for each.</summary>
public static class Acts
{
    public const string SignedIn = "signed-in";
    public const string SignInRefused = "sign-in-refused";
    public const string AccountLockedOut = "account-locked";
    public const string NameChanged = "name-changed";
    public const string PasswordChanged = "password-changed";
    public const string PasswordForgotten = "password-forgotten";
    public const string PasswordReset = "password-reset";
    public const string SecondFactorOn = "second-factor-on";
    public const string SecondFactorOff = "second-factor-off";
    public const string RecoveryCodesRenewed = "recovery-codes-renewed";
    public const string PasskeyAdded = "passkey-added";
    public const string PasskeyRenamed = "passkey-renamed";
    public const string PasskeyRemoved = "passkey-removed";
    public const string SessionsEnded = "sessions-ended";
    public const string PersonAdded = "person-added";
    public const string PersonInvited = "person-invited";
    public const string InvitationSentAgain = "invitation-sent-again";
    public const string InvitationAccepted = "invitation-accepted";
    public const string RoleGiven = "role-given";
    public const string RoleEnded = "role-ended";
    public const string AccountDisabled = "account-disabled";
    public const string AccountEnabled = "account-enabled";
    public const string AccountCompromised = "account-compromised";
    public const string JournalExported = "journal-exported";
    public const string ServiceRegistered = "service-registered";
    public const string ServiceChanged = "service-changed";
    public const string ServiceSecretRenewed = "service-secret-renewed";
    public const string ServiceSwitchedOn = "service-switched-on";
    public const string ServiceSwitchedOff = "service-switched-off";
    public const string ProgramApproved = "program-approved";
    public const string ProgramRefused = "program-refused";
    public const string CodeReplayed = "code-replayed";
    public const string CodeOfAnotherService = "code-of-another-service";
    public const string RefreshTokenReused = "refresh-token-reused";
    public const string TokenOfAnotherService = "token-of-another-service";
    public const string SigningKeysReplaced = "signing-keys-replaced";
    public const string ProviderSet = "provider-set";
    public const string ProviderSwitchedOff = "provider-switched-off";
    public const string ProviderLinked = "provider-linked";
    public const string OperatorPresented = "operator-presented";
    public const string MailsTriedAgain = "mails-tried-again";
    public const string MailForgotten = "mail-forgotten";
    public const string ProvisioningSet = "provisioning-set";
    public const string ProvisioningRetried = "provisioning-retried";
    public const string ProvisioningOff = "provisioning-off";
}
