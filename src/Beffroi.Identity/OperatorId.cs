using System.Security.Cryptography;

namespace Beffroi.Identity;

/// <summary>The syndicate that runs the platform.</summary>
public readonly record struct OperatorId(Guid Value)
{
    public static OperatorId New() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    public override string ToString() => Value.ToString("D");
}
