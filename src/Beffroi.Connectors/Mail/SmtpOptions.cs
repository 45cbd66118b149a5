namespace Beffroi.Connectors.Mail;

/// <summary>A mail server and how it is spoken to.</summary>
public sealed record SmtpOptions
{
    public required string Host { get; init; }
    public int Port { get; init; } = 25;

    /// <summary>Signs in with this name; without one nobody does.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Address that mails come from, with a name if wanted: <c>Syndicat
    /// &lt;portail@example.fr&gt;</c>.</summary>
    public required string From { get; init; }

    /// <summary>Encrypts by STARTTLS, and sends nothing to a server that does not, or whose certificate does not fit
    /// its name.</summary>
    public bool StartTls { get; init; } = true;
}
