using Beffroi.Vault;

namespace Beffroi.Fleet.Enrolment;

/// <summary>What holds for every token of this server.</summary>
/// <param name="Lifetime">How long a token waits to be used.</param>
/// <param name="Authority">Fingerprint of the server's own certificate authority, if machines see one.</param>
public sealed record EnrolmentTerms(TimeSpan Lifetime, Digest256? Authority)
{
    /// <summary>A week, and a certificate that is checked as usual.</summary>
    public static EnrolmentTerms Usual { get; } = new(TimeSpan.FromDays(7), Authority: null);
}
