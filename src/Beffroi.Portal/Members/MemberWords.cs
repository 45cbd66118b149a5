using Beffroi.Business.Members.Admissions;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Register;

namespace Beffroi.Portal.Members;

/// <summary>What the register's codes are called; French, as everywhere the key of the translation.</summary>
internal static class MemberWords
{
    internal static string Of(MemberKind kind) => kind switch
    {
        MemberKind.Commune => "Commune",
        MemberKind.Epci => "Intercommunalité",
        MemberKind.Departement => "Département",
        MemberKind.PublicBody => "Établissement public",
        MemberKind.Syndicate => "Syndicat",
        _ => "Autre",
    };

    internal static string Of(MemberClass memberClass) => memberClass switch
    {
        MemberClass.Member => "Membre",
        MemberClass.Assimilated => "Assimilée à un membre",
        _ => "Non membre",
    };

    internal static string Of(MemberStanding standing) => standing switch
    {
        MemberStanding.Joining => "Adhésion en cours",
        MemberStanding.Effective => "Adhérente",
        MemberStanding.Left => "Partie",
        _ => "Connue",
    };

    /// <summary>The same of several members, beside a number.</summary>
    internal static string OfSeveral(MemberStanding standing) => standing switch
    {
        MemberStanding.Joining => "Adhésions en cours",
        MemberStanding.Effective => "Adhérentes",
        MemberStanding.Left => "Parties",
        _ => "Connues",
    };

    internal static (string Mark, string Icon) MarkOf(MemberStanding standing) => standing switch
    {
        MemberStanding.Joining => ("warn", "clock"),
        MemberStanding.Effective => ("good", "circle-check"),
        MemberStanding.Left => ("none", "logout"),
        _ => ("none", "building-community"),
    };

    internal static string Of(SiteLink link) => link switch
    {
        SiteLink.FibreOpsn => "Fibre du réseau public",
        SiteLink.Ftth => "Fibre (FTTH)",
        SiteLink.Gfu => "Fibre d'un groupe fermé (GFU)",
        SiteLink.Adsl => "ADSL",
        _ => "4G ou 5G",
    };

    internal static string Of(InventoryKind kind) => kind switch
    {
        InventoryKind.Fixed => "Ordinateur fixe",
        InventoryKind.Laptop => "Ordinateur portable",
        InventoryKind.Server => "Serveur",
        InventoryKind.Nas => "Boîtier de stockage (NAS)",
        _ => "Relais",
    };

    internal static string Of(ContactRole role) => role switch
    {
        ContactRole.Referent => "Référent",
        ContactRole.FunctionalAdministrator => "Administrateur fonctionnel",
        ContactRole.Executive => "Exécutif (maire ou président)",
        ContactRole.DataProtectionOfficer => "Délégué à la protection des données",
        ContactRole.Accounting => "Comptabilité",
        ContactRole.Provider => "Prestataire",
        _ => "Autre",
    };

    internal static string Of(DocumentKind kind) => kind switch
    {
        DocumentKind.Deliberation => "Délibération",
        DocumentKind.Charter => "Charte",
        DocumentKind.Convention => "Convention",
        DocumentKind.OrderLetter => "Lettre de commande",
        DocumentKind.Annex => "Annexe",
        DocumentKind.Amendment => "Avenant",
        _ => "Autre",
    };

    internal static string Of(AdmissionState state) => state switch
    {
        AdmissionState.Requested => "Demande",
        AdmissionState.Refused => "Refusée",
        AdmissionState.Eligible => "Éligibilité",
        AdmissionState.Diagnosis => "Diagnostic",
        AdmissionState.Proposal => "Proposition",
        AdmissionState.AwaitingPieces => "Pièces attendues",
        AdmissionState.Complete => "Dossier complet",
        AdmissionState.Effective => "Adhésion effective",
        _ => "Dossier fermé",
    };

    internal static string Of(ClosingMotive motive) => motive switch
    {
        ClosingMotive.Withdrawn => "La collectivité renonce",
        ClosingMotive.Ended => "Le service est terminé",
        _ => "Ouvert par erreur",
    };
}
