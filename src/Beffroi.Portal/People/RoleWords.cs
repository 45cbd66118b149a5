using Beffroi.Identity.Access;

namespace Beffroi.Portal.People;

/// <summary>Roles as people say them; French, as everywhere the key of the translation.</summary>
internal static class RoleWords
{
    internal static string Of(Role role) => role switch
    {
        Role.Direction => "Direction",
        Role.Operations => "Exploitation",
        Role.Support => "Assistance",
        Role.Accounting => "Comptabilité",
        Role.DataProtection => "Délégué à la protection des données",
        Role.Executive => "Exécutif (maire ou président)",
        Role.Referent => "Référent",
        Role.FunctionalAdministrator => "Administrateur fonctionnel",
        Role.Agent => "Agent ou élu",
        Role.Provider => "Prestataire",
        _ => throw new InvalidOperationException($"There is no word for {role}."),
    };

    /// <summary>What a role is for, in one sentence.</summary>
    internal static string UseOf(Role role) => role switch
    {
        Role.Direction => "Peut tout faire, et donne les rôles du syndicat.",
        Role.Operations => "Fait marcher la plateforme pour toutes les collectivités.",
        Role.Support => "Aide les collectivités et gère leurs utilisateurs.",
        Role.Accounting => "Voit la liste des collectivités.",
        Role.DataProtection => "Lit le journal.",
        Role.Executive => "Voit les sauvegardes et le journal.",
        Role.Referent => "Gère les postes, les restaurations et les utilisateurs.",
        Role.FunctionalAdministrator => "Gère les postes et les restaurations, invite des agents.",
        Role.Agent => "Se connecte au portail et à ses services.",
        Role.Provider => "Gère les postes et restaure, avec votre accord.",
        _ => throw new InvalidOperationException($"There is no sentence for {role}."),
    };
}
