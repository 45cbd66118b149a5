using System.Globalization;
using System.Net;
using System.Text;
using Beffroi.Vault.Recovery;
using QRCoder;

namespace Beffroi.Fleet.Kits;

/// <summary>The sheet that a member prints and locks away. One file, nothing loaded from elsewhere.</summary>
internal static class KitPage
{
    private const int PixelsPerModule = 5; // 37 modules and the quiet zone: 225 pixels, 6 cm on paper.

    private const string Style = """
        body { font: 11pt/1.4 sans-serif; max-width: 180mm; margin: 12mm auto; padding: 0 6mm }
        body { color: #111; background: #fff }
        h1 { font-size: 20pt; margin: 0 } h2 { font-size: 13pt; margin: 6mm 0 1mm }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 6mm; margin: 3mm 0 }
        dt { font-weight: bold } dd { margin: 0 }
        ol.words { columns: 3; font: 13pt/1.7 monospace; border: 1px solid #111 }
        ol.words { padding: 4mm 4mm 4mm 16mm; margin: 3mm 0 }
        .key { display: flex; gap: 8mm; align-items: center } .key svg { width: 60mm; height: 60mm; flex: none }
        .secret { border: 2px solid #111; padding: 2mm 4mm; font-weight: bold } code { font-family: monospace }
        @media print { body { margin: 0 auto } h2, ol, .key { break-inside: avoid } }
        """;

    private const string French = """
        <section lang="fr">
        <p class="secret">Secret : quiconque tient cette feuille peut lire toutes les sauvegardes de la
        collectivité.</p>
        <h2>Ce que c’est</h2>
        <p>La clé de secours de vos sauvegardes. Avec elle et les données sauvegardées, tout peut être relu, même si
        le serveur, sa base de données et votre syndicat ont disparu. Elle n’existe qu’ici et dans le fichier
        <code>.beffroi-kit</code> : personne ne peut vous la refaire.</p>
        <h2>Où la garder</h2>
        <p>Imprimez cette feuille deux fois. Une au coffre de la mairie, l’autre dans un autre bâtiment (perception,
        notaire, mairie voisine). Le fichier : sur une clé USB rangée avec la feuille, jamais sur un ordinateur ni
        dans un courriel. Puis l’exploitant efface ses copies.</p>
        <h2>Comment s’en servir</h2>
        <p>Sur un ordinateur qui a le programme <code>beffroi</code> : <code>beffroi kit check FICHIER</code> vérifie
        le kit ; <code>beffroi restore latest --to DOSSIER --recovery-key FICHIER --packs ADRESSE</code> restaure. À
        défaut du fichier, recopiez les dix-huit mots dans un fichier texte ou lisez le code : les deux valent le
        fichier. Vérifiez le kit une fois par an.</p>
        </section>
        """;

    private const string English = """
        <section lang="en">
        <p class="secret">Secret: whoever holds this sheet can read all backups of the member.</p>
        <h2>What it is</h2>
        <p>The recovery key of your backups. With it and the stored data, everything can be read again, even if the
        server, its database and your operator are gone. It exists only here and in the file
        <code>.beffroi-kit</code>: nobody can make it for you again.</p>
        <h2>Where to keep it</h2>
        <p>Print this sheet twice. One in the town hall’s safe, the other in another building. The file: on a USB
        stick kept with the sheet, never on a computer nor in a mail. Then the operator deletes its copies.</p>
        <h2>How to use it</h2>
        <p>On a computer that has the program <code>beffroi</code>: <code>beffroi kit check FILE</code> checks the
        kit; <code>beffroi restore latest --to FOLDER --recovery-key FILE --packs ADDRESS</code> restores. Without the
        file, type the eighteen words into a text file or read the code: both are as good. Check the kit once a
        year.</p>
        </section>
        """;

    internal static string Write(RecoveryKit kit)
    {
        var member = WebUtility.HtmlEncode(kit.MemberName ?? "");
        return $"""
            <!doctype html>
            <html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta name="robots" content="noindex"><title>Kit de secours – {member}</title><style>
            {Style}
            </style></head><body>
            <h1>Kit de secours <span lang="en">/ Recovery kit</span></h1>
            {Facts(kit, member)}
            <div class="key">{QrCode(kit)}
            <ol class="words">{Words(kit)}</ol></div>
            {French}
            {English}
            </body></html>

            """;
    }

    private static string Facts(RecoveryKit kit, string member) => $"""
        <dl><dt>Collectivité <span lang="en">/ Member</span></dt><dd>{member}</dd>
        <dt>Coffre <span lang="en">/ Vault</span></dt><dd><code>{kit.Vault}</code></dd>
        <dt>Clé <span lang="en">/ Key</span></dt><dd><code>{kit.Key.PublicKey.KeyId}</code></dd>
        <dt>Serveur <span lang="en">/ Server key</span></dt><dd><code>{kit.ServerKey}</code></dd>
        <dt>Créé le <span lang="en">/ Created</span></dt><dd>{kit.Created:yyyy-MM-dd}</dd></dl>
        """;

    private static string QrCode(RecoveryKit kit)
    {
        using var code = QRCodeGenerator.GenerateQrCode(kit.ToQrText(), QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(code);
        return svg.GetGraphic(PixelsPerModule);
    }

    /// <summary>The words of the text in a QR code, which has no line breaks nor comments around them.</summary>
    private static string Words(RecoveryKit kit)
    {
        var text = kit.ToQrText();
        var words = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].ToLowerInvariant().Split('-');
        var list = new StringBuilder();
        foreach (var word in words) list.Append(CultureInfo.InvariantCulture, $"<li>{word}</li>");
        return list.ToString();
    }
}
