using System.Globalization;
using System.Text;

namespace Beffroi.Demonstration;

/// <summary>Files as a town hall has them, small, and what a day's work does to them. Random by a seed: the same seed
/// gives the same files.</summary>
internal sealed class Documents(string folder, int seed)
{
    private const int FilesMin = 24; // From 20 on, an agent asks what became of files that are gone.

    private static readonly string[] Subjects =
    [
        "Deliberation", "Budget", "Etat civil", "Permis de construire", "Courrier", "Cantine", "Voirie", "Cimetiere",
        "Elections", "Personnel", "Marche public", "Salle des fetes",
    ];

    private static readonly string[] Words =
    [
        "le", "conseil", "municipal", "de", "la", "commune", "approuve", "travaux", "école", "budget", "maire",
        "séance", "votes", "subvention", "chemin", "rural", "convention", "syndicat", "eau", "salle",
    ];

    // Not for secrets; one stream for each computer.
    private readonly Random _random = new(seed);
    private int _files;

    /// <summary>A few years of work.</summary>
    internal void Begin(DateTimeOffset at)
    {
        for (var index = 0; index < FilesMin; index++) Add(at.AddDays(-index * 20));
    }

    /// <summary>A day of work: some files change, one or two are new.</summary>
    internal void Work(DateTimeOffset at)
    {
        var files = Directory.GetFiles(folder, "*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToArray();
        for (var count = _random.Next(1, 4); count > 0; count--)
        {
            var file = files[_random.Next(files.Length)];
            File.AppendAllText(file, $"\nAjout du {at:yyyy-MM-dd}\n{Text(3_000)}");
            File.SetLastWriteTimeUtc(file, at.UtcDateTime);
        }
        Add(at);
        if (_random.Next(3) == 0) Add(at);
    }

    private void Add(DateTimeOffset at)
    {
        var subject = Subjects[_files % Subjects.Length];
        var path = Path.Combine(folder, subject, string.Create(
            CultureInfo.InvariantCulture, $"{subject} {at:yyyy-MM-dd} {++_files}.txt"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // Below the folder, so it has one.
        File.WriteAllText(path, Text(_random.Next(4_000, 60_000)));
        File.SetLastWriteTimeUtc(path, at.UtcDateTime);
    }

    private string Text(int characters)
    {
        var text = new StringBuilder();
        while (text.Length < characters) text.Append(Words[_random.Next(Words.Length)]).Append(' ');
        return text.ToString();
    }
}
