using System.Text;
using Beffroi.Connectors.Mail;
using Beffroi.Fleet.Tests.People;
using Beffroi.Identity.Mail;

namespace Beffroi.Fleet.Tests.Mail;

/// <summary>Queued mails and a real mail server: taken, refused, away, and back again.</summary>
public sealed class SmtpTransportTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task A_queued_mail_reaches_its_mailbox_and_one_without_mailbox_is_given_up()
    {
        Assert.SkipWhen(PostfixServer.Obstacle is not null, PostfixServer.Obstacle ?? "");
        await using var postfix = await PostfixServer.StartAsync();
        await using var town = await Town.BuildAsync(cluster);
        var outbox = town.Get<MailOutbox>();
        await outbox.AddAsync(
            new OutgoingMail(PostfixServer.NoMailbox, "Rien", "Personne ne lit ceci.\n"), null, Never);
        await outbox.AddAsync(
            new OutgoingMail(PostfixServer.Mailbox, "Été à la mairie", "Bonjour Zoé,\n\n.une ligne\n"), null, Never);

        Assert.Equal(1, await outbox.SendDueAsync(TransportTo(postfix.Port), Never));

        var mail = Assert.Single(await postfix.WaitForMailsAsync(1));
        Assert.Matches("(?m)^From: \"?Portail\"? <portail@syndicat\\.example>$", mail);
        Assert.Contains("Auto-Submitted: auto-generated", mail, StringComparison.Ordinal);
        Assert.Contains("Subject: =?utf-8?", mail, StringComparison.OrdinalIgnoreCase);
        var body = mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(body));
        Assert.Equal("Bonjour Zoé,\n\n.une ligne\n", text.ReplaceLineEndings("\n"));
        var state = await outbox.GetStateAsync(Never);
        Assert.Equal((0, 1), (state.Waiting, state.GivenUp));
        Assert.Equal(0, await outbox.SendDueAsync(TransportTo(postfix.Port), Never)); // Nothing is sent twice.
    }

    [Fact]
    public async Task Mails_wait_while_the_server_is_down_say_why_and_leave_when_it_is_back()
    {
        Assert.SkipWhen(PostfixServer.Obstacle is not null, PostfixServer.Obstacle ?? "");
        await using var town = await Town.BuildAsync(cluster);
        var outbox = town.Get<MailOutbox>();
        var port = PostfixServer.FreePort();
        await outbox.AddAsync(new OutgoingMail(PostfixServer.Mailbox, "Bonjour", "Texte.\n"), null, Never);

        Assert.Equal(0, await outbox.SendDueAsync(TransportTo(port), Never));
        var state = await outbox.GetStateAsync(Never);
        Assert.Equal((1, 0), (state.Waiting, state.GivenUp));
        Assert.StartsWith($"127.0.0.1:{port} could not be reached: ", state.LastError, StringComparison.Ordinal);

        await using var postfix = await PostfixServer.StartAsync(port);
        Assert.Equal(0, await outbox.SendDueAsync(TransportTo(port), Never)); // Its minute is not over.
        town.Time.Step(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await outbox.SendDueAsync(TransportTo(port), Never));
        Assert.Single(await postfix.WaitForMailsAsync(1));
    }

    [Fact]
    public async Task Nothing_is_sent_in_clear_to_a_server_without_encryption()
    {
        Assert.SkipWhen(PostfixServer.Obstacle is not null, PostfixServer.Obstacle ?? "");
        await using var postfix = await PostfixServer.StartAsync();

        var refused = await Assert.ThrowsAsync<MailRefusedException>(() =>
            TransportTo(postfix.Port, startTls: true).SendAsync(
                new OutgoingMail(PostfixServer.Mailbox, "Secret", "Un lien.\n"), Never));

        Assert.False(refused.IsFinal); // An administrator corrects it, and the mail leaves.
    }

    [Fact]
    public async Task Without_a_mail_server_mails_wait_and_the_queue_says_so()
    {
        await using var town = await Town.BuildAsync(cluster);
        var outbox = town.Get<MailOutbox>();
        await outbox.AddAsync(new OutgoingMail("jeanne@a.example", "Bonjour", "Texte.\n"), null, Never);

        var state = await outbox.GetStateAsync(Never);

        Assert.Equal((false, 1), (state.IsSending, state.Waiting));
    }

    private static SmtpTransport TransportTo(int port, bool startTls = false) => new(new SmtpOptions
    {
        Host = "127.0.0.1",
        Port = port,
        From = "Portail <portail@syndicat.example>",
        StartTls = startTls,
    });
}
