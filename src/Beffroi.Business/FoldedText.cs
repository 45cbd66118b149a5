using System.Reflection;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Beffroi.Business;

/// <summary>Names without accents, in lower case, for looking up and sorting: <c>Évreux</c> stands at E, and
/// <c>evreux</c> finds it. By plain SQL, since the extension unaccent and ICU's collations are not
/// everywhere.</summary>
internal static class FoldedText
{
    private const string Accented = "àâäáãåçèéêëìíîïñòóôöõùúûüÿ’-";
    private const string Plain = "aaaaaaceeeeiiiinooooouuuuy' ";
    private static readonly (string Letter, string Letters)[] Ligatures = [("œ", "oe"), ("æ", "ae")];

    private static readonly MethodInfo ColumnMethod = ((Func<string, string>)Column).Method;

    /// <summary>What to compare a folded column with.</summary>
    internal static string Of(string text)
    {
        var folded = new StringBuilder(text.ToLowerInvariant().Normalize(NormalizationForm.FormC));
        foreach (var (letter, letters) in Ligatures) folded.Replace(letter, letters);
        for (var index = 0; index < folded.Length; index++)
        {
            var place = Accented.IndexOf(folded[index], StringComparison.Ordinal);
            if (place >= 0) folded[index] = Plain[place];
        }
        return folded.ToString();
    }

    /// <summary>A folded column, in queries.</summary>
    internal static string Column(string text) =>
        throw new NotSupportedException($"'{text}' is folded by the database only; here, use {nameof(Of)}.");

    /// <summary>Teaches a model <see cref="Column"/>: the SQL of <see cref="Of"/>.</summary>
    internal static void Map(ModelBuilder modelBuilder) => modelBuilder.HasDbFunction(ColumnMethod).HasTranslation(
        arguments =>
        {
            var folded = Call("lower", arguments[0]);
            foreach (var (letter, letters) in Ligatures) folded = Call("replace", folded, letter, letters);
            return Call("translate", folded, Accented, Plain);
        });

    private static SqlFunctionExpression Call(string function, SqlExpression text, params string[] others)
    {
        SqlExpression[] arguments = [text, .. others.Select(each => new SqlConstantExpression(each, text.TypeMapping))];
        return new SqlFunctionExpression(
            function, arguments, nullable: true, argumentsPropagateNullability: arguments.Select(_ => true),
            typeof(string), text.TypeMapping);
    }
}
