using System.Text;
using Beffroi.Fleet.Browse.Archives;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Restore;

/// <summary>The text at the end of an archive that does not hold everything as it was.</summary>
internal static class ArchiveWords
{
    internal static ArchiveReadme Readme(Text t) =>
        new(t["LISEZMOI.txt"], report => Write(t, report).Replace("\n", "\r\n", StringComparison.Ordinal));

    private static string Write(Text t, ArchiveReport report)
    {
        var lines = new StringBuilder();
        lines.Append(t["Cette archive ne contient pas tout comme avant. Voici ce qui diffère."]).Append("\n\n");
        foreach (var note in report.Notes) lines.Append(Say(t, note)).Append('\n');
        if (report.Counts.TryGetValue(ArchiveNoteKind.Streams, out var streams))
            lines.Append(t["Flux de données annexes de Windows laissés de côté : {0}.", streams]).Append('\n');
        var listed = report.Notes.Count;
        var all = report.Counts.Where(count => count.Key != ArchiveNoteKind.Streams).Sum(count => count.Value);
        if (all > listed) lines.Append(t["… et {0} de plus.", all - listed]).Append('\n');
        return lines.ToString();
    }

    private static string Say(Text t, ArchiveNote note) => note.Kind switch
    {
        ArchiveNoteKind.Damaged => t["{0} : abîmé, absent ({1})", note.Path, note.Detail],
        ArchiveNoteKind.Cut => t["{0} : abîmé, seuls les {1} premiers octets sont justes", note.Path, note.Bytes],
        ArchiveNoteKind.ListDamaged => t["{0} : la liste est abîmée à partir d'ici, des fichiers manquent", note.Path],
        ArchiveNoteKind.Link => t["{0} : lien vers {1}, absent", note.Path, note.Detail],
        ArchiveNoteKind.Renamed => t["{0} : présent sous le nom {1}", note.Path, note.Detail],
        _ => t["{0} : élément du système, absent", note.Path],
    };
}
