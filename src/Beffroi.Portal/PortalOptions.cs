namespace Beffroi.Portal;

/// <summary>How the portal presents the operator.</summary>
public sealed record PortalOptions
{
    /// <summary>Address at which people reach the portal; links in mails begin with it. No slash at the end.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>Whether <see cref="PublicUrl"/> was set by the operator; else it is a guess, and the address of the
    /// request is a better one.</summary>
    public bool IsPublicUrlSet { get; init; }

    /// <summary>From which hour of the day on, in France, the morning's mail leaves.</summary>
    public int DigestHour { get; init; } = 7;

    /// <summary>Phone of the operator's support, as people read it.</summary>
    public string? SupportPhone { get; init; }

    /// <summary>Mail address of the operator's support.</summary>
    public string? SupportMail { get; init; }
}
