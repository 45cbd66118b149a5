using Microsoft.AspNetCore.Http;

namespace Beffroi.Portal.Texts;

/// <summary>The language of a request: the person's choice, else what the browser asks for, else French.</summary>
internal static class LanguageChoice
{
    internal const string Cookie = "langue";

    internal static Language Of(HttpContext context)
    {
        if (context.Request.Cookies.TryGetValue(Cookie, out var chosen))
            return chosen == "en" ? Language.English : Language.French;

        // The first of the two languages that the browser names; weights are almost always in this order.
        foreach (var wanted in context.Request.Headers.AcceptLanguage.ToString().Split(','))
        {
            if (wanted.TrimStart().StartsWith("fr", StringComparison.OrdinalIgnoreCase)) return Language.French;
            if (wanted.TrimStart().StartsWith("en", StringComparison.OrdinalIgnoreCase)) return Language.English;
        }
        return Language.French;
    }
}
