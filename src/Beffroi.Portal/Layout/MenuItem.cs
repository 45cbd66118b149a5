using Beffroi.Identity.Access;

namespace Beffroi.Portal.Layout;

/// <summary>A line of the main menu.</summary>
/// <param name="Title">French, as everywhere the key of its translation.</param>
/// <param name="Permission">Who lacks it does not see the line.</param>
/// <param name="Around">Where further pages of the line begin, if not below its own.</param>
internal sealed record MenuItem(
    string Href, string Title, string Icon, Permission Permission, params string[] Around)
{
    /// <summary>For somebody of a member.</summary>
    internal static IReadOnlyList<MenuItem> OfMember { get; } =
    [
        new("/", "Accueil", "home", Permission.UsePortal),
        new("/sauvegardes", "Sauvegardes", "shield-check", Permission.SeeBackups, "/postes", "/demandes"),
        new("/restaurer", "Restaurer", "restore", Permission.RestoreData),
        new("/accords", "Accords", "lock", Permission.RestoreData),
        new("/utilisateurs", "Utilisateurs", "users", Permission.ManagePeople),
        new("/ma-collectivite", "Ma collectivité", "building-community", Permission.ManagePeople, "/collectivites"),
        new("/journal", "Journal", "list-details", Permission.ReadJournal),
    ];

    /// <summary>For the operator's staff.</summary>
    internal static IReadOnlyList<MenuItem> OfStaff { get; } =
    [
        new("/", "Accueil", "home", Permission.UsePortal),
        new("/veille", "Veille", "bell", Permission.Watch),
        new("/sauvegardes", "Sauvegardes", "shield-check", Permission.SeeBackups, "/postes", "/demandes"),
        new("/restaurer", "Restaurer", "restore", Permission.RestoreData),
        new("/accords", "Accords", "lock", Permission.RestoreData),
        new("/collectivites", "Collectivités", "building-community", Permission.SeeMembers),
        new("/utilisateurs", "Utilisateurs", "users", Permission.ManagePeople),
        new("/journal", "Journal", "list-details", Permission.ReadJournal),
        new("/services", "Services", "apps", Permission.ManageServices),
        new("/plateforme", "Plateforme", "server", Permission.ManagePlatform),
        new("/parametres", "Paramètres", "settings", Permission.ManagePlatform),
    ];
}
