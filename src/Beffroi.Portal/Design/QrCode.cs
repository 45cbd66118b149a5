using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using QRCoder;

namespace Beffroi.Portal.Design;

/// <summary>QR codes drawn inside the page: nothing is fetched, and the content policy forbids nothing of it.</summary>
internal static class QrCode
{
    /// <summary>The code as SVG, dark on white in both themes: cameras expect it so.</summary>
    /// <param name="label">What readers of screens say instead.</param>
    internal static MarkupString Draw(string text, string label)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix; // With its quiet zone.
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
            for (var x = 0; x < rows[y].Count; x++)
                if (rows[y][x]) path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        return new MarkupString(string.Create(
            CultureInfo.InvariantCulture,
            $"""
             <svg class="qr-code" viewBox="0 0 {rows.Count} {rows.Count}" role="img"
               aria-label="{System.Net.WebUtility.HtmlEncode(label)}" shape-rendering="crispEdges"><rect width="100%"
               height="100%" fill="#fff"/><path d="{path}" fill="#000"/></svg>
             """));
    }
}
