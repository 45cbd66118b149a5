using Microsoft.AspNetCore.Http;

namespace Beffroi.Identity.Oidc.Web;

/// <summary>The parameters of a program's request.</summary>
internal static class OidcForm
{
    /// <summary>None if it is no form, or a parameter is there twice; empty ones are left out (RFC 6749,
    /// §3.2).</summary>
    internal static async Task<Dictionary<string, string>?> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType) return null;
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
        return form.Any(each => each.Value.Count > 1)
            ? null
            : form.Where(each => each.Value.ToString().Length > 0)
                .ToDictionary(each => each.Key, each => each.Value.ToString(), StringComparer.Ordinal);
    }
}
