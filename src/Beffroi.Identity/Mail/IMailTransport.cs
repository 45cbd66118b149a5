namespace Beffroi.Identity.Mail;

/// <summary>A mail as it leaves.</summary>
/// <param name="To">One address.</param>
/// <param name="Text">Plain text, lines ended by line feeds.</param>
public sealed record OutgoingMail(string To, string Subject, string Text);

/// <summary>Hands mails to a mail server.</summary>
public interface IMailTransport
{
    /// <summary>Sends one mail; returns when the server has taken it.</summary>
    /// <exception cref="MailRefusedException">It was not taken.</exception>
    Task SendAsync(OutgoingMail mail, CancellationToken cancellationToken);
}

/// <summary>A mail server did not take a mail.</summary>
/// <param name="message">What it said.</param>
/// <param name="isFinal">Whether trying again is useless: the address does not exist, say.</param>
public sealed class MailRefusedException(string message, bool isFinal, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Whether trying again is useless.</summary>
    public bool IsFinal { get; } = isFinal;
}
