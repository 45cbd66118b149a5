using System.Security.Cryptography;

namespace Beffroi.Identity;

/// <summary>A local authority that is a member of the syndicate: the tenant.</summary>
public readonly record struct MemberId(Guid Value)
{
    public static MemberId New() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    public override string ToString() => Value.ToString("D");
}
