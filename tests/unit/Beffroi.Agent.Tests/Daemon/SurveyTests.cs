using Beffroi.Agent.Daemon;
using Beffroi.Protocol;

namespace Beffroi.Agent.Tests.Daemon;

public sealed class SurveyTests
{
    [Fact]
    public void Big_folders_and_databases_outside_of_the_plan_are_found_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        void Write(string path, int bytes)
        {
            var file = Path.Combine(folder.FullPath, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, new byte[bytes]);
        }
        Write("covered/a.bin", 5_000);
        Write("people/anne/covered/a.bin", 5_000);
        Write("people/anne/photos/a.jpg", 5_000);
        Write("people/anne/small/a.txt", 10);
        Write("compta/data/ibdata1", 200);
        Write("dumped/PG_VERSION", 5_000);
        Write("excluded.cache/a.bin", 5_000);
        Write("tiny/a.txt", 10);
        for (var file = 0; file < 12; file++) Write($"many/{file}.txt", 1);
        File.CreateSymbolicLink(
            Path.Combine(folder.FullPath, "tiny/link"), Path.Combine(folder.FullPath, "covered/a.bin"));
        var message = PlanReaderTests.Sound;
        var plan = PlanReader.Read(message with
        {
            Scope = message.Scope with
            {
                Include = [folder.File("covered"), folder.File("people/anne/covered")],
                Exclude = ["*.cache"],
                Dumps = [new DumpMessage("x", "postgresql", 60, "warn", "x")],
            },
            Drift = new DriftMessage(FolderBytesMin: 1_000, FolderFilesMin: 10),
        });

        var found = SurveyPlaces.Find(plan, Survey.Folders(folder.FullPath), CancellationToken.None);

        Assert.Equal(
            [("people/anne/photos", "folder"), ("compta", "database"), ("many", "folder")],
            found.Select(each => (Path.GetRelativePath(folder.FullPath, each.Path), each.Kind)));
        Assert.Equal((1, 5_000), (found[0].Files, found[0].Bytes));
    }
}
