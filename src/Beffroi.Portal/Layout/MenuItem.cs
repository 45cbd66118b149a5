using Beffroi.Identity.Access;

namespace Beffroi.Portal.Layout;

/// <summary>A line of the main menu.</summary>
/// <param name="Title">French, as everywhere the key of its translation.</param>
/// <param name="Permission">Who lacks it does not see the line.</param>
/// <param name="Around">Where further pages of the line begin, if not below its own.</param>
internal sealed record MenuItem(
    string Href, string Title, string Icon, Permission Permission, params string[] Around);

/// <summary>Lines of the main menu that belong together.</summary>
/// <param name="Title">French; none for the first lines, which need no heading.</param>
internal sealed record MenuGroup(string? Title, IReadOnlyList<MenuItem> Items)
{
    private static readonly MenuItem Home = new("/", "Accueil", "home", Permission.UsePortal);

    private static readonly MenuItem[] Backups =
    [
        new("/sauvegardes", "Sauvegardes", "shield-check", Permission.SeeBackups, "/postes", "/demandes"),
        new("/restaurer", "Restaurer", "restore", Permission.RestoreData),
        new("/accords", "Accords", "lock", Permission.RestoreData),
    ];

    private static readonly MenuItem People = new("/utilisateurs", "Utilisateurs", "users", Permission.ManagePeople);
    private static readonly MenuItem Journal = new("/journal", "Journal", "list-details", Permission.ReadJournal);

    /// <summary>For somebody of a member: few enough to need no heading.</summary>
    internal static IReadOnlyList<MenuGroup> OfMember { get; } =
    [
        new(null,
        [
            Home, .. Backups, People,
            new("/ma-collectivite", "Ma collectivité", "building-community", Permission.ManagePeople, "/collectivites"),
            Journal,
        ]),
    ];

    /// <summary>For the operator's staff.</summary>
    internal static IReadOnlyList<MenuGroup> OfStaff { get; } =
    [
        new(null, [Home, new("/veille", "Veille", "bell", Permission.Watch)]),
        new("Fichiers", Backups),
        new("Annuaire",
        [
            new("/collectivites", "Collectivités", "building-community", Permission.SeeMembers),
            People,
        ]),
        new("Syndicat",
        [
            new("/plateforme", "Plateforme", "server", Permission.ManagePlatform),
            Journal,
            new("/services", "Services", "apps", Permission.ManageServices),
            new("/parametres", "Paramètres", "settings", Permission.ManagePlatform),
        ]),
    ];
}
