using Beffroi.Fleet.Tests.People;
using Beffroi.Identity.Access;
using Beffroi.Identity.Mail;

namespace Beffroi.Fleet.Tests.Mail;

/// <summary>Mails that were not taken: seen with the reason, tried again, forgotten.</summary>
public sealed class TroubledMailTests(TestCluster cluster)
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Caller Staff = Caller.System("admin:test");

    [Fact]
    public async Task A_mail_that_was_given_up_is_shown_with_its_reason_tried_again_and_leaves()
    {
        await using var town = await Town.BuildAsync(cluster);
        var outbox = town.Get<MailOutbox>();
        await outbox.AddAsync(new OutgoingMail("zoe@x.example", "Bonjour", "Texte.\n"), null, Never);
        var server = new FickleServer { Reason = "550 no such mailbox" };
        await outbox.SendDueAsync(server, Never);

        var troubled = Assert.Single(await outbox.ListTroubledAsync(Staff, 50, Never));
        Assert.Equal(
            ("zoe@x.example", "550 no such mailbox", null, 1),
            (troubled.To, troubled.Error, troubled.NextAttemptAt, troubled.Attempts));

        server.Reason = null;
        Assert.Equal(0, await outbox.SendDueAsync(server, Never)); // Given up is given up.
        Assert.Equal(1, await outbox.TryAgainAsync(Staff, troubled.Id, Never));
        Assert.Equal(1, await outbox.SendDueAsync(server, Never));
        Assert.Empty(await outbox.ListTroubledAsync(Staff, 50, Never));
        Assert.Equal(0, await outbox.TryAgainAsync(Staff, troubled.Id, Never)); // It was sent: never twice.
        Assert.Equal(["mails-tried-again"], (await town.ActsAsync()).Where(act => act.StartsWith("mail", default)));
    }

    [Fact]
    public async Task All_are_tried_again_at_once_and_only_what_was_given_up_is_forgotten()
    {
        await using var town = await Town.BuildAsync(cluster);
        var outbox = town.Get<MailOutbox>();
        var server = new FickleServer { Reason = "450 later", IsFinal = false };
        foreach (var to in new[] { "a@x.example", "b@x.example" })
            await outbox.AddAsync(new OutgoingMail(to, "Bonjour", "Texte.\n"), null, Never);
        await outbox.SendDueAsync(server, Never);
        var waiting = await outbox.ListTroubledAsync(Staff, 50, Never);
        Assert.All(waiting, mail => Assert.NotNull(mail.NextAttemptAt));
        Assert.False(await outbox.ForgetAsync(Staff, waiting[0].Id, Never));

        server.IsFinal = true;
        Assert.Equal(2, await outbox.TryAgainAsync(Staff, id: null, Never));
        await outbox.SendDueAsync(server, Never);
        Assert.True(await outbox.ForgetAsync(Staff, waiting[0].Id, Never));
        Assert.Single(await outbox.ListTroubledAsync(Staff, 50, Never));
    }

    [Fact]
    public async Task Only_who_runs_the_platform_sees_and_touches_the_queue()
    {
        await using var town = await Town.BuildAsync(cluster);
        var outbox = town.Get<MailOutbox>();
        var jeanne = await town.AddCallerAsync("jeanne@x.example", Role.Referent, town.A);

        await Assert.ThrowsAsync<AccessDeniedException>(() => outbox.ListTroubledAsync(jeanne, 50, Never));
        await Assert.ThrowsAsync<AccessDeniedException>(() => outbox.TryAgainAsync(jeanne, null, Never));
        await Assert.ThrowsAsync<AccessDeniedException>(() => outbox.ForgetAsync(jeanne, Guid.Empty, Never));
    }

    /// <summary>Takes mails, or refuses them with a reason.</summary>
    private sealed class FickleServer : IMailTransport
    {
        internal string? Reason { get; set; }
        internal bool IsFinal { get; set; } = true;

        public Task SendAsync(OutgoingMail mail, CancellationToken cancellationToken) =>
            Reason is null ? Task.CompletedTask : throw new MailRefusedException(Reason, IsFinal);
    }
}
