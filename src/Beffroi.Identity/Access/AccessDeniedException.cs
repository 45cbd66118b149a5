namespace Beffroi.Identity.Access;

/// <summary>Somebody asked for what their roles do not allow. The portal answers 403 with words.</summary>
/// <param name="permission">What was asked for.</param>
/// <param name="actor">Who asked.</param>
public sealed class AccessDeniedException(Permission permission, string actor)
    : Exception($"{actor} has no role that allows {permission}. Ask somebody who manages people to give one.")
{
    /// <summary>What was asked for.</summary>
    public Permission Permission { get; } = permission;
}
