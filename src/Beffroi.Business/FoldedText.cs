using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Business;

/// <summary>Names without accents, in lower case, for looking up and sorting: <c>Évreux</c> stands at E, and
/// <c>evreux</c> finds it. By plain SQL, since the extension unaccent and ICU's collations are not everywhere.</summary>
internal static class FoldedText
{
    private const string Accented = "àâäáãåçèéêëìíîïñòóôöõùúûüÿœæ’-";
    private const string Plain = "aaaaaaceeeeiiiinooooouuuuyoa' ";

    private static readonly MethodInfo TranslateMethod =
        typeof(FoldedText).GetMethod(nameof(Translate), BindingFlags.NonPublic | BindingFlags.Static)!; // Below.

    /// <summary>What to compare a folded column with.</summary>
    internal static string Of(string text)
    {
        var folded = new StringBuilder(text.ToLowerInvariant().Normalize(NormalizationForm.FormC));
        for (var index = 0; index < folded.Length; index++)
        {
            var place = Accented.IndexOf(folded[index], StringComparison.Ordinal);
            if (place >= 0) folded[index] = Plain[place];
        }
        return folded.ToString();
    }

    internal static void Map(ModelBuilder modelBuilder) =>
        modelBuilder.HasDbFunction(TranslateMethod).HasName("translate").IsBuiltIn();

    /// <summary>PostgreSQL's own <c>translate</c>.</summary>
    internal static string Translate(string text, string from, string to) =>
        throw new NotSupportedException(
            string.Create(CultureInfo.InvariantCulture, $"Runs in the database only ({text}, {from}, {to})."));

    internal static string From => Accented;
    internal static string To => Plain;
}
