using System.Net.Mail;
using Beffroi.Connectors.Mail;

namespace Beffroi.Server.Configuration;

/// <summary>The mail server that the portal's mails go through. Without a host they wait in the queue.</summary>
internal sealed class SmtpSettings
{
    public string? Host { get; set; }

    /// <summary>587 is where mail servers take mails from programs that sign in; 25 from their neighbours.</summary>
    public int Port { get; set; } = 587;

    public string? User { get; set; }
    public string? Password { get; set; }

    /// <summary>Address that mails come from, with a name if wanted.</summary>
    public string? From { get; set; }

    /// <summary>Encrypts by STARTTLS and demands a good certificate.</summary>
    public bool StartTls { get; set; } = true;

    /// <summary>The settings; none without a host. They have been checked.</summary>
    internal SmtpOptions? ToOptions() => string.IsNullOrEmpty(Host) ? null : new SmtpOptions
    {
        Host = Host,
        Port = Port,
        User = User,
        Password = Password,
        From = From!, // Demanded with a host.
        StartTls = StartTls,
    };

    /// <summary>What is wrong with them, in sentences.</summary>
    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrEmpty(Host))
        {
            if (User is not null || From is not null) yield return "Smtp: User or From is set but Host is not.";
            yield break;
        }
        if (Port is < 1 or > 65535) yield return $"Smtp:Port: {Port} is not from 1 to 65535.";
        if (!MailAddress.TryCreate(From, out _))
            yield return $"Smtp:From: '{From}' is not an address such as portail@example.fr.";
        if (User is null != Password is null) yield return "Smtp: User and Password are needed together.";
        if (User is not null && !StartTls && Host is not ("localhost" or "127.0.0.1" or "::1"))
            yield return "Smtp: without StartTls the password would cross the network in clear text.";
    }
}
