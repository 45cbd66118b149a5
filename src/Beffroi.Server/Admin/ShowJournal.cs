using System.CommandLine;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;

namespace Beffroi.Server.Admin;

/// <summary>'journal': the privileged acts, and what needs the operator's eye.</summary>
internal sealed class ShowJournal : AdminVerb<JournalAnswer>
{
    private const int LastMax = 10_000;

    private readonly Option<int> _last = new("--last")
    {
        Description = "How many entries, newest first.",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<string?> _act = new("--act")
    {
        Description = "Only entries of this kind, such as root-keys-refused.",
    };

    private readonly Option<bool> _accept = new("--accept")
    {
        Description = "Take the journal as it is from now on, after its database was set back to a backup.",
    };

    internal ShowJournal()
        : base(
            "journal",
            "Shows the newest privileged acts, and verifies that none was changed or taken out. Exit codes: 0 sound, "
                + "20 not.",
            AdminJson.Default.JournalAnswer)
    {
        Add(_last);
        Add(_act);
        Add(_accept);
    }

    protected override bool UsesBlobs => false;

    protected override async Task<JournalAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var last = parsed.GetValue(_last);
        if (last is < 1 or > LastMax) throw Misused($"--last {last} is not from 1 to {LastMax}.");

        if (parsed.GetValue(_accept)) await AcceptAsync(services, cancellationToken);
        var journal = services.GetRequiredService<JournalReader>();
        var lines = await journal.ReadAsync(
            Caller.System(Actor), new JournalFilter(Act: parsed.GetValue(_act)), last, cancellationToken);
        return new JournalAnswer(
            [.. lines.Select(line => new JournalLineAnswer(
                line.Number, line.At, line.Actor, line.Act, line.Member?.Value, line.Origin, line.Detail))],
            (await journal.CheckAsync(services.GetRequiredService<IJournalMark>().Read(), cancellationToken)).Broken);
    }

    private static async Task AcceptAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<JournalWatch>().AcceptAsync(cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            throw Misused($"The journal cannot be accepted: {exception.Message} Set its database back to a backup.");
        }
    }

    protected override int ExitCodeOf(JournalAnswer answer) =>
        answer.FirstBroken is null ? ExitCode.Done : ExitCode.Damaged;

    protected override string ToText(JournalAnswer answer)
    {
        var lines = answer.Entries.Select(entry =>
            $"{entry.Number}  {entry.At:yyyy-MM-dd HH:mm:ss}  {entry.Actor}  {entry.Act}  "
                + string.Join(' ', entry.Detail.Where(each => each.Value.Length > 0)
                    .Select(each => $"{each.Key}={each.Value}")));
        return string.Join('\n',
        [
            .. lines,
            answer.FirstBroken is { } broken
                ? $"Entry {broken} was changed or taken out after it was written: compare with a backup of the "
                    + "database, and find out who had access. If you set the database back yourself: --accept."
                : "No entry was changed or taken out.",
        ]);
    }
}

internal sealed record JournalAnswer(IReadOnlyList<JournalLineAnswer> Entries, long? FirstBroken);

internal sealed record JournalLineAnswer(
    long Number, DateTimeOffset At, string Actor, string Act, Guid? Member, string? Origin,
    IReadOnlyDictionary<string, string> Detail);
