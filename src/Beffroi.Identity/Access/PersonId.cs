using System.Security.Cryptography;

namespace Beffroi.Identity.Access;

/// <summary>Somebody with an account: a member's agent or official, the operator's staff, or a provider.</summary>
public readonly record struct PersonId(Guid Value)
{
    public static PersonId New() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    public override string ToString() => Value.ToString("D");
}
