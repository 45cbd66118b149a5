using System.Security.Cryptography;
using System.Text;

namespace Beffroi.Business.Members;

/// <summary>Which data a form showed when it was opened: whoever saves it hands it back, and nothing that somebody else
/// saved in between is overwritten unseen. A change and its reversal are none.</summary>
internal static class Revision
{
    /// <summary>Of what a form shows. The compiler prints every property of a record: a new one counts by
    /// itself.</summary>
    internal static string Of<TDraft>(TDraft draft)
        where TDraft : class =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{draft}")).AsSpan(0, 8));

    /// <summary>Whether the data are still those that <paramref name="seen"/> was made of.</summary>
    /// <param name="seen">None for a caller that replaces whatever is there.</param>
    internal static bool IsStill<TDraft>(string? seen, TDraft draft)
        where TDraft : class => seen is null || seen == Of(draft);
}
