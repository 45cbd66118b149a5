using System.Net;
using System.Net.Mail;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Identity.Mail;

namespace Beffroi.Connectors.Mail;

/// <summary>Hands mails to one SMTP server, each over a connection of its own: a portal sends few.</summary>
internal sealed class SmtpTransport(SmtpOptions options) : IMailTransport
{
    // RFC 5321, 4.5.3.2 asks for minutes between servers; ours is the next one, and the queue tries again.
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(30);

    public async Task SendAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(SendMax);
        using var message = MessageOf(mail);
        using var client = new SmtpClient(options.Host, options.Port)
        {
            EnableSsl = options.StartTls,
            Credentials = options.User is { } user ? new NetworkCredential(user, options.Password) : null,
        };
        try
        {
            await client.SendMailAsync(message, patience.Token);
        }
        catch (SmtpException exception)
        {
            throw new MailRefusedException(SentenceOf(exception), IsFinal(exception), exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailRefusedException(
                $"{Server} did not take the mail within {SendMax.TotalSeconds:0} s.", isFinal: false, exception);
        }
    }

    private string Server => $"{options.Host}:{options.Port}";

    private MailMessage MessageOf(OutgoingMail mail)
    {
        var message = new MailMessage
        {
            From = new MailAddress(options.From),
            Subject = mail.Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = mail.Text,
            BodyEncoding = Encoding.UTF8,
        };
        message.To.Add(new MailAddress(mail.To));
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's holiday answers to this.
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        message.Headers.Add("Message-ID", $"<{id}@{message.From.Host}>");
        return message;
    }

    /// <summary>What the server said, or why it could not be asked: the exception's own words say it only in its
    /// cause.</summary>
    private string SentenceOf(SmtpException exception)
    {
        var cause = exception.GetBaseException().Message;
        return exception.StatusCode == SmtpStatusCode.GeneralFailure
            ? $"{Server} could not be reached: {cause}"
            : $"{Server} answered {(int)exception.StatusCode}: {cause}";
    }

    /// <summary>A reply that begins with 5 about this address or mail stays the same tomorrow (RFC 5321, 4.2.1). One
    /// about us, such as a wrong password, does not: an administrator corrects it while mails wait.</summary>
    private static bool IsFinal(SmtpException exception) =>
        exception is SmtpFailedRecipientException
        && exception.StatusCode is SmtpStatusCode.MailboxUnavailable or SmtpStatusCode.MailboxNameNotAllowed
            or SmtpStatusCode.UserNotLocalTryAlternatePath;
}
