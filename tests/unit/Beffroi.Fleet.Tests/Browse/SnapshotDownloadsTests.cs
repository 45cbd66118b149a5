using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text;
using Beffroi.Fleet.Browse;
using Beffroi.Fleet.Browse.Archives;
using Beffroi.Fleet.Browse.Files;
using Beffroi.Intake;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Beffroi.Fleet.Tests.Browse;

/// <summary>What a person downloads is what was backed up, byte for byte.</summary>
public sealed class SnapshotDownloadsTests(TestCluster cluster) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-browse-").FullName;

    [Fact]
    public async Task A_zip_unpacks_to_what_was_backed_up()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var random = Seed.ForThisTest();
        var tree = RandomTree(random);
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var (report, folder) = await fixture.UnpackAsync(snapshot, ArchiveFormat.Zip, _folder, Id(tree, "srv/mairie"));

        AssertSameFiles(tree, "srv/", folder);
        Assert.Empty(report.Notes);
        Assert.False(File.Exists(Path.Combine(folder, "LISEZMOI.txt")));
        Assert.Equal(
            DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
            new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(folder, "mairie/petit 0.txt"))));
        using var zip = ZipFile.OpenRead(Path.Combine(_folder, "archive"));
        Assert.Equal(
            new DateTime(2023, 11, 14, 23, 13, 20), // In Paris.
            zip.GetEntry("mairie/petit 0.txt")!.LastWriteTime.DateTime);
    }

    [Theory]
    [InlineData(ArchiveFormat.Tar)]
    [InlineData(ArchiveFormat.TarGz)]
    public async Task A_tar_unpacks_to_what_was_backed_up_with_times_modes_and_links(ArchiveFormat format)
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var random = Seed.ForThisTest();
        var deep = string.Join('/', Enumerable.Repeat("un dossier au nom plutôt long", 12));
        var tree = RandomTree(random)
            .File("srv/mairie/exécutable", "#!/bin/sh"u8.ToArray(), entry => entry with { Mode = 0x1E8 })
            .File("srv/mairie/dur 1", "lié"u8.ToArray(), entry => entry with { HardLinkGroup = 7 })
            .File("srv/mairie/dur 2", "lié"u8.ToArray(), entry => entry with { HardLinkGroup = 7 })
            .Other("srv/mairie/lien", EntryKind.SymbolicLink,
                entry => entry with { LinkTarget = Encoding.UTF8.GetBytes("été/" + new string('x', 150)) })
            .Other("srv/mairie/tube", EntryKind.Fifo, entry => entry with { Mode = 0x180 })
            .Other("srv/mairie/prise", EntryKind.Socket)
            .File($"srv/mairie/{deep}/fin", "loin")
            .File($"srv/mairie/{new string('m', 120)}\\xE9", "x"u8.ToArray(), entry => entry with
            {
                ExtendedAttributes = [new("user.origine"u8.ToArray(), Encoding.UTF8.GetBytes("numérisé"))],
                UserName = "secrétaire",
                UserId = 3_000_000,
            });
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var (report, folder) = await fixture.UnpackAsync(snapshot, format, _folder, Id(tree, "srv"));

        var listed = BrowseFixture.Run("tar", "-tvf", Path.Combine(_folder, "archive"), "--quoting-style=escape");
        Assert.Contains(new string('m', 120) + "\\351", listed, StringComparison.Ordinal);
        Assert.Contains("secrétaire", listed, StringComparison.Ordinal);
        AssertAttribute(format, "SCHILY.xattr.user.origine", "numérisé");
        tree.Remove($"srv/mairie/{new string('m', 120)}\\xE9"); // .NET cannot open such a name.
        AssertSameFiles(tree, "", folder);
        Assert.Equal(0x1E8, (int)File.GetUnixFileMode(Path.Combine(folder, "srv/mairie/exécutable")));
        Assert.Equal("1700000000.123456789", BrowseFixture.Run(
            "stat", "-c", "%.9Y", Path.Combine(folder, "srv/mairie/exécutable")).Trim());
        Assert.Equal(
            BrowseFixture.Run("stat", "-c", "%i %h", Path.Combine(folder, "srv/mairie/dur 1")),
            BrowseFixture.Run("stat", "-c", "%i %h", Path.Combine(folder, "srv/mairie/dur 2")));
        Assert.Equal(
            "été/" + new string('x', 150), new FileInfo(Path.Combine(folder, "srv/mairie/lien")).LinkTarget);
        Assert.Equal("fifo", BrowseFixture.Run("stat", "-c", "%F", Path.Combine(folder, "srv/mairie/tube")).Trim());
        Assert.Equal(
            [new ArchiveNote(ArchiveNoteKind.Special, "srv/mairie/prise", "Socket")], report.Notes);
        Assert.Equal("Special|srv/mairie/prise|Socket|", File.ReadAllText(Path.Combine(folder, "LISEZMOI.txt")));
    }

    [Fact]
    public async Task A_zip_says_what_it_does_not_hold_and_what_it_renamed()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("d/\\xE9t\\xE9.txt", "un").File("d/..\\..\\vilain:nom?", "deux")
            .File("d/LISEZMOI.txt", "à moi").File("LISEZMOI.txt", "aussi")
            .Other("d/lien", EntryKind.SymbolicLink, entry => entry with { LinkTarget = "/etc"u8.ToArray() })
            .Other("d/tube", EntryKind.Fifo);
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        var (report, folder) = await fixture.UnpackAsync(snapshot, ArchiveFormat.Zip, _folder, EntryId.Top);

        Assert.Equal(
            ["LISEZMOI.txt", "_LISEZMOI.txt", "d/..%5C..%5Cvilain%3Anom%3F", "d/LISEZMOI.txt", "d/%E9t%E9.txt"],
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.OrdinalIgnoreCase)
                .OrderBy(name => name.StartsWith('d')).ThenBy(name => name.Contains("E9", StringComparison.Ordinal)));
        Assert.Equal("un", File.ReadAllText(Path.Combine(folder, "d/%E9t%E9.txt")));
        Assert.Equal(
            [
                (ArchiveNoteKind.Renamed, "d/..\\..\\vilain:nom?", "d/..%5C..%5Cvilain%3Anom%3F"),
                (ArchiveNoteKind.Link, "d/lien", "/etc"), (ArchiveNoteKind.Special, "d/tube", "Fifo"),
                (ArchiveNoteKind.Renamed, "d/\\xe9t\\xe9.txt", "d/%E9t%E9.txt"),
            ],
            report.Notes.Select(note => (note.Kind, note.Path, note.Detail)));
    }

    [Theory]
    [InlineData(ArchiveFormat.Zip)]
    [InlineData(ArchiveFormat.Tar)]
    public async Task A_damaged_record_stops_its_own_file_alone_and_the_report_names_it(ArchiveFormat format)
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var random = Seed.ForThisTest();
        var tree = new TestTree().File("d/avant.txt", "avant").File("d/après.txt", "après")
            .File("d/moyen.bin", RandomBytes(random, 200_000)).File("d/long.bin", RandomBytes(random, 6_000_000));
        var (receipt, stored) = await tree.BackUpAsync(fixture.Agent);
        var pieces = stored.Single(entry => entry.Path.ToString() == "d/long.bin").Content.Pieces;
        await DamageAsync(fixture, pieces[2].Record.Id);
        await DamageAsync(fixture, stored.Single(entry => entry.Path.ToString() == "d/moyen.bin")
            .Content.Pieces[0].Record.Id);

        var (report, folder) = await fixture.UnpackAsync(receipt.Machine.Id, format, _folder, Id(tree, "d"));

        var right = pieces[0].Bytes + pieces[1].Bytes;
        Assert.Equal("avant", File.ReadAllText(Path.Combine(folder, "d/avant.txt")));
        Assert.Equal("après", File.ReadAllText(Path.Combine(folder, "d/après.txt")));
        Assert.False(File.Exists(Path.Combine(folder, "d/moyen.bin")));
        Assert.Equal(
            [
                new ArchiveNote(ArchiveNoteKind.Cut, "d/long.bin", "BEF-2002", right),
                new ArchiveNote(ArchiveNoteKind.Damaged, "d/moyen.bin", "BEF-2002"),
            ],
            report.Notes);
        var text = File.ReadAllText(Path.Combine(folder, "LISEZMOI.txt"));
        Assert.Contains("d/moyen.bin", text, StringComparison.Ordinal);
        var cut = File.ReadAllBytes(Path.Combine(folder, "d/long.bin"));
        Assert.Equal(tree.ContentOf("d/long.bin")[..(int)right], cut[..(int)right]);
        Assert.Equal(format == ArchiveFormat.Zip ? right : 6_000_000, cut.Length);
        Assert.Equal(2, report.Files);

        var alone = await fixture.Downloads.OpenFileAsync(
            fixture.Referent, receipt.Machine.Id, Id(tree, "d/moyen.bin"), CancellationToken.None);
        Assert.Equal(ReadingOutcome.Damaged, alone.Outcome);
    }

    [Fact]
    public async Task A_damaged_part_of_the_list_costs_what_it_names_and_is_reported()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree();
        for (var i = 0; i < 12_000; i++) tree.File($"d/{i:D6} un nom qui remplit le catalogue", []);
        var (receipt, _) = await tree.BackUpAsync(fixture.Agent);
        var root = await fixture.Agent.RecordsAsync(receipt.Machine.Commit.Root);
        var page = default(FolderPage);
        foreach (var segment in Beffroi.Vault.Records.RecordHeader.Parse(root.Values.Single()).References)
        {
            await DamageAsync(fixture, segment);
            var read = await fixture.Browser.ListFolderAsync(
                fixture.Referent, receipt.Machine.Id, Id(tree, "d"), null, 10, CancellationToken.None);
            page = read.Value;
            if (read.Outcome == ReadingOutcome.Done) break;
            Assert.Equal(ReadingOutcome.Damaged, read.Outcome); // The segment that names the folder itself.
            await DamageAsync(fixture, segment); // The same bit once more: it is whole again.
        }
        var (report, folder) = await fixture.UnpackAsync(receipt.Machine.Id, ArchiveFormat.Zip, _folder, Id(tree, "d"));

        Assert.Equal(1, page?.Gaps);
        Assert.Equal(ArchiveNoteKind.ListDamaged, Assert.Single(report.Notes).Kind);
        Assert.Equal(report.Files + 1, Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length);
        Assert.InRange(report.Files, 1, 11_999);
    }

    [Fact]
    public async Task A_file_is_read_from_any_place_on_holes_included()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var random = Seed.ForThisTest();
        var (whole, sparse) = (RandomBytes(random, 9_000_000), new byte[5_000_000]);
        DataExtent[] extents = [new(10_000, 300_000), new(2_000_000, 1_500_000), new(4_900_000, 50)];
        foreach (var extent in extents)
            random.NextBytes(sparse.AsSpan((int)extent.Offset, (int)extent.Bytes));
        var tree = new TestTree().File("grand", whole).File("vide", []).File("petit", "bonjour")
            .File("creux", sparse, entry => entry with { Extents = extents })
            .File("trou", new byte[70_000], entry => entry with { Extents = [] });
        var (snapshot, _) = await fixture.BackUpAsync(tree);
        foreach (var name in new[] { "grand", "creux", "trou", "petit", "vide" })
        {
            var opened = await fixture.Downloads.OpenFileAsync(
                fixture.Referent, snapshot, Id(tree, name), CancellationToken.None);
            await using var file = opened.Value!;
            var expected = tree.ContentOf(name);
            Assert.Equal(expected.Length, file.Content.Length);
            Assert.Equal(expected, await ReadAsync(file.Content, 0, expected.Length));
            for (var round = 0; round < 12 && expected.Length > 0; round++)
            {
                var from = random.Next(expected.Length);
                var length = random.Next(1, Math.Min(400_000, expected.Length - from) + 1);
                Assert.Equal(expected[from..(from + length)], await ReadAsync(file.Content, from, length));
            }
        }
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_over_http()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var content = RandomBytes(Seed.ForThisTest(), 3_000_000);
        var (snapshot, _) = await fixture.BackUpAsync(new TestTree().File("acte.bin", content));
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/{entry}", async (string entry, CancellationToken cancellationToken) =>
        {
            Assert.True(EntryId.TryParse(entry, out var id));
            var file = (await fixture.Downloads.OpenFileAsync(
                fixture.Referent, snapshot, id, cancellationToken)).Value!;
            return Results.Stream(
                file.Content, file.Headers.ContentType, lastModified: file.Modified, enableRangeProcessing: true,
                entityTag: new EntityTagHeaderValue($"\"{file.EntityTag}\""));
        });
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var whole = await http.GetAsync("/0");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/0");
        request.Headers.Add("Range", "bytes=2000000-");
        request.Headers.Add("If-Range", whole.Headers.ETag!.ToString());

        using var rest = await http.SendAsync(request);

        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal(content[2_000_000..], await rest.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_entity_tag_follows_the_content()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("a", new byte[100_000]).File("b", new byte[100_001]);
        var (first, _) = await fixture.BackUpAsync(tree);
        var before = await TagAsync(first, "a");
        tree.File("c", "neuf");
        var (second, _) = await fixture.BackUpAsync(tree, 2, first);

        Assert.Equal(before, await TagAsync(second, "a"));
        Assert.NotEqual(before, await TagAsync(second, "b"));
        Assert.Matches("^[0-9a-f]{32}$", before);

        async Task<string> TagAsync(SnapshotId snapshot, string path)
        {
            var opened = await fixture.Downloads.OpenFileAsync(
                fixture.Referent, snapshot, Id(tree, path), CancellationToken.None);
            await using var file = opened.Value!;
            return file.EntityTag;
        }
    }

    [Fact]
    public async Task A_preview_shows_text_and_images_and_nothing_that_could_act()
    {
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("note.txt", "Très bien\n").File("ancien.txt", [0x80, 0x20, 0xE9, 0x74, 0xE9])
            .File("page.html", "<script>alert(1)</script>").File("image.png", [0x89, .. "PNG\r\n\x1A\n"u8, 1, 2])
            .File("piège.png", "MZ\0\0"u8.ToArray()).File("acte.pdf", "%PDF-1.7 …")
            .File("long.txt", Encoding.UTF8.GetBytes(new string('é', 200_000)));
        var (snapshot, _) = await fixture.BackUpAsync(tree);

        Assert.Equal((PreviewType.Text, "Très bien\n", false), await TextAsync("note.txt"));
        Assert.Equal((PreviewType.Text, "€ été", false), await TextAsync("ancien.txt"));
        Assert.Equal((PreviewType.Text, "<script>alert(1)</script>", false), await TextAsync("page.html"));
        Assert.Equal((PreviewType.None, null, false), await TextAsync("piège.png"));
        Assert.Equal((PreviewType.Text, new string('é', 131_072), true), await TextAsync("long.txt"));
        var image = await PreviewAsync("image.png");
        await using var file = image.File!;
        Assert.Equal(PreviewType.Png, image.Type);
        Assert.Equal(
            ("image/png", "default-src 'none'; frame-ancestors 'self'; sandbox"),
            (file.Headers.ContentType, file.Headers.ContentSecurityPolicy));
        Assert.Equal("inline; filename=\"image.png\"; filename*=UTF-8''image.png", file.Headers.ContentDisposition);
        Assert.Equal("nosniff", file.Headers.ToDictionary()["X-Content-Type-Options"]);
        await using var pdf = (await PreviewAsync("acte.pdf")).File!;
        Assert.Equal("application/pdf", pdf.Headers.ContentType);

        async Task<(PreviewType, string?, bool)> TextAsync(string path)
        {
            var preview = await PreviewAsync(path);
            Assert.Null(preview.File);
            return (preview.Type, preview.Text, preview.IsCut);
        }

        async Task<FilePreview> PreviewAsync(string path) => (await fixture.Downloads.PreviewAsync(
            fixture.Referent, snapshot, Id(tree, path), CancellationToken.None)).Value!;
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_zip_above_4_GiB_is_one_that_unzip_reads()
    {
        // A hole costs nothing to store; only the archive's own sizes are put to the test.
        await using var fixture = await BrowseFixture.StartAsync(cluster);
        var tree = new TestTree().File("petit", "après")
            .File("creux", [], entry => entry with { Bytes = (4L << 30) + 5, Extents = [] });
        var (snapshot, _) = await fixture.BackUpAsync(tree);
        using var archive = (await fixture.Downloads.OpenArchiveAsync(
            fixture.Referent, snapshot, [EntryId.Top], ArchiveFormat.Zip, "tout", BrowseFixture.Readme,
            CancellationToken.None)).Value!;
        var path = Path.Combine(_folder, "grand.zip");
        await using (var output = File.Create(path)) await archive.WriteAsync(output, CancellationToken.None);

        var listed = BrowseFixture.Run("unzip", "-v", path);

        Assert.Contains(((4L << 30) + 5).ToString(null, null), listed, StringComparison.Ordinal);
        Assert.Equal("après", BrowseFixture.Run("unzip", "-p", path, "petit"));
        using var zip = ZipFile.OpenRead(path);
        Assert.Equal((4L << 30) + 5, zip.GetEntry("creux")!.Length);
    }

    public void Dispose()
    {
        BrowseFixture.Run("chmod", "-R", "u+rwX", _folder);
        BrowseFixture.Run("find", _folder, "-delete"); // .NET deletes no name that is not UTF-8.
    }

    private static EntryId Id(TestTree tree, string path) => new(tree.NumberOf(path));

    private static TestTree RandomTree(Random random)
    {
        var tree = new TestTree().Other("srv/mairie/Dossier vide", EntryKind.Directory).File("srv/mairie/rien", []);
        for (var i = 0; i < 300; i++)
            tree.File($"srv/mairie/petit {i}.txt", RandomBytes(random, random.Next(1, 9_000)));
        for (var i = 0; i < 12; i++)
            tree.File($"srv/mairie/Délibérations {i % 3}/acte n° {i}.pdf", RandomBytes(random, random.Next(3_000_000)));
        return tree.File("srv/mairie/texte.txt", Encoding.UTF8.GetBytes(string.Concat(
            Enumerable.Repeat("Le conseil municipal, réuni le 4 mars, ", 200_000))));
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(Stream content, long from, int length)
    {
        content.Position = from;
        var bytes = new byte[length];
        await content.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static void AssertSameFiles(TestTree tree, string above, string folder)
    {
        var files = tree.Entries.Where(entry => entry.Kind == EntryKind.File).ToList();
        foreach (var file in files)
        {
            var path = file.Path.ToString();
            var unpacked = File.ReadAllBytes(Path.Combine(folder, path[above.Length..]));
            Assert.True(tree.ContentOf(path).AsSpan().SequenceEqual(unpacked), path);
        }
        var folders = tree.Entries.Where(entry => entry.Kind == EntryKind.Directory)
            .Select(entry => entry.Path.ToString()).Where(path => path.StartsWith(above, StringComparison.Ordinal)
                && path.Length > above.Length);
        Assert.All(folders, path => Assert.True(Directory.Exists(Path.Combine(folder, path[above.Length..])), path));
    }

    private void AssertAttribute(ArchiveFormat format, string name, string value)
    {
        using var file = File.OpenRead(Path.Combine(_folder, "archive"));
        using var plain = format == ArchiveFormat.Tar ? (Stream)file : new GZipStream(file, CompressionMode.Decompress);
        using var reader = new TarReader(plain);
        var found = false;
        while (reader.GetNextEntry() is { } entry)
        {
            found |= entry is PaxTarEntry pax && pax.ExtendedAttributes.TryGetValue(name, out var text)
                && text == value;
        }
        Assert.True(found);
    }

    private static async Task DamageAsync(BrowseFixture fixture, RecordId record)
    {
        var device = await fixture.Host.Get<IDeviceDirectory>()
            .FindAsync(fixture.Agent.Device, CancellationToken.None);
        var place = (await fixture.Host.Get<IRecordIndex>()
            .FindAsync(device!, [record], CancellationToken.None)).Single();
        await fixture.Host.Blobs.FlipBitAsync(
            BlobNames.Pack(fixture.Agent.Vault, place.Pack), place.Offset + place.Bytes - 20);
    }
}
