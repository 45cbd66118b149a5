using System.Diagnostics;
using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Browse.Archives;
using Beffroi.Fleet.Tests.Integration;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Commits;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>A platform with a member, a machine of its own, and people who look for files.</summary>
internal sealed class BrowseFixture : IAsyncDisposable
{
    internal static readonly ArchiveReadme Readme = new("LISEZMOI.txt", report => string.Join(
        '\n', report.Notes.Select(note => $"{note.Kind}|{note.Path}|{note.Detail}|{note.Bytes}")));

    private BrowseFixture(IntakeHost host, MemberId member, TestAgent agent) =>
        (Host, Member, Agent) = (host, member, agent);

    internal IntakeHost Host { get; }
    internal MemberId Member { get; }
    internal TestAgent Agent { get; }
    internal SnapshotBrowser Browser => Host.Get<SnapshotBrowser>();
    internal SnapshotDownloads Downloads => Host.Get<SnapshotDownloads>();

    /// <summary>Somebody of the member who may restore.</summary>
    internal Caller Referent => PersonOf(Member, Role.Referent);

    internal static async Task<BrowseFixture> StartAsync(TestCluster cluster)
    {
        var host = await IntakeHost.StartAsync(cluster);
        var (member, vault, _) = await host.AddMemberAsync(quotaBytes: 1L << 40);
        return new BrowseFixture(host, member, await host.EnrolAsync(vault));
    }

    internal static Caller PersonOf(MemberId member, Role role) => Caller.Of(
        PersonId.New(), $"{role}", "192.0.2.7", [new RoleGrant(role, member)]);

    internal static Caller Staff(Role role = Role.Support) => Caller.Of(
        PersonId.New(), "Camille de l’assistance", "192.0.2.9", [new RoleGrant(role, null)]);

    internal async Task<(SnapshotId Id, Receipt Receipt)> BackUpAsync(
        TestTree tree, long sequence = 1, SnapshotId? previous = null)
    {
        await Agent.OpenSessionAsync(); // The clock may have passed the end of the last one.
        var (receipt, _) = await tree.BackUpAsync(Agent, sequence, previous);
        return (receipt.Machine.Id, receipt);
    }

    /// <summary>Downloads a selection into a file and unpacks it with the system's own program.</summary>
    internal async Task<(ArchiveReport Report, string Folder)> UnpackAsync(
        SnapshotId snapshot, ArchiveFormat format, string folder, params IReadOnlyList<EntryId> entries)
    {
        var opened = await Downloads.OpenArchiveAsync(
            Referent, snapshot, entries, format, "mairie", Readme, CancellationToken.None);
        Assert.Equal(ReadingOutcome.Done, opened.Outcome);
        using var archive = opened.Value!;
        var file = Path.Combine(folder, "archive");
        ArchiveReport report;
        await using (var output = File.Create(file))
            report = await archive.WriteAsync(new ForwardOnly(output), CancellationToken.None);
        var target = Directory.CreateDirectory(Path.Combine(folder, "out")).FullName;
        if (format == ArchiveFormat.Zip)
        {
            Run("unzip", "-q", "-t", file);
            Run("unzip", "-q", file, "-d", target);
        }
        else Run("tar", format == ArchiveFormat.Tar ? "-xpf" : "-xzpf", file, "-C", target);
        return (report, target);
    }

    internal static string Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8", ["TZ"] = "Europe/Paris" },
        };
        using var process = Process.Start(start)!; // A program of the system, there or not.
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        Agent.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>What an HTTP answer is: written once, from its start to its end, and never synchronously.</summary>
    private sealed class ForwardOnly(Stream inner) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => throw new InvalidOperationException("Synchronous.");

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new InvalidOperationException("Synchronous.");

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);
    }
}
