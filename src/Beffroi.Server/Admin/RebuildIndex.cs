using System.CommandLine;
using Beffroi.Fleet.Rebuild;
using Beffroi.Identity;

namespace Beffroi.Server.Admin;

/// <summary>'rebuild-index': makes the database anew from the blobs.</summary>
internal sealed class RebuildIndex : AdminVerb<RebuildAnswer>
{
    private readonly Option<Guid?> _member = new("--member") { Description = "Only the vault of this member." };

    internal RebuildIndex()
        : base(
            "rebuild-index",
            "Makes members, devices, index and snapshots anew from the blobs; uploads wait meanwhile.",
            AdminJson.Default.RebuildAnswer) => Add(_member);

    protected override async Task<RebuildAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var member = parsed.GetValue(_member) is { } id ? new MemberId(id) : (MemberId?)null;
        var report = await services.GetRequiredService<IndexRebuild>()
            .RunAsync(member, new StandardErrorProgress(), cancellationToken);
        return new RebuildAnswer(
            report.Vaults, report.Devices, report.Packs, report.Records, report.Snapshots, report.DamagedCopies,
            AnswersOf(report.UnreadablePacks), AnswersOf(report.UnusableCommits), AnswersOf(report.LeftOut));
    }

    private static List<UnreadableBlobAnswer> AnswersOf(IReadOnlyList<UnreadableBlob> blobs) =>
        [.. blobs.Select(each => new UnreadableBlobAnswer(each.Name, each.Reason))];

    protected override int ExitCodeOf(RebuildAnswer answer) =>
        answer.DamagedCopies + answer.UnreadablePacks.Count + answer.UnusableCommits.Count + answer.LeftOut.Count == 0
            ? ExitCode.Done
            : ExitCode.Damaged;

    protected override string ToText(RebuildAnswer answer) => string.Join('\n',
    [
        $"{answer.Vaults} vaults, {answer.Devices} devices, {answer.Packs} packs, {answer.Records} records, "
            + $"{answer.Snapshots} snapshots.",
        .. answer.DamagedCopies == 0 ? Array.Empty<string>() :
        [
            $"{answer.DamagedCopies} damaged copies of records that lie in several packs: sound ones are listed where "
                + "there are any. Run 'beffroi-server admin check --read-data'.",
        ],
        .. answer.UnreadablePacks.Concat(answer.UnusableCommits).Concat(answer.LeftOut).Select(
            each => $"Left out: {each.Blob}: {each.Reason}"),
    ]);
}

/// <summary>The answer of 'rebuild-index'.</summary>
internal sealed record RebuildAnswer(
    int Vaults, long Devices, long Packs, long Records, long Snapshots, long DamagedCopies,
    IReadOnlyList<UnreadableBlobAnswer> UnreadablePacks, IReadOnlyList<UnreadableBlobAnswer> UnusableCommits,
    IReadOnlyList<UnreadableBlobAnswer> LeftOut);

internal sealed record UnreadableBlobAnswer(string Blob, string Reason);
