namespace Beffroi.Portal.Tests.Isolation;

/// <summary>How a route receives somebody.</summary>
internal enum Welcome
{
    /// <summary>It answers, and shows nothing that is not theirs.</summary>
    Open,

    /// <summary>It sends them to the sign-in.</summary>
    SignIn,

    /// <summary>It says that their role does not allow it.</summary>
    Refused,

    /// <summary>As if there were nothing of that id.</summary>
    NotFound,

    /// <summary>It cannot make sense of what is asked.</summary>
    Malformed,
}

/// <summary>What is expected of a route for people.</summary>
/// <param name="Route">Methods and pattern, as the server has them.</param>
/// <param name="Nobody">Somebody who is not signed in.</param>
/// <param name="Stranger">The référent of another member, who asks with ids of this one.</param>
/// <param name="LowRole">An agent of this member, with the same ids.</param>
/// <param name="Paths">Addresses to try; see <see cref="TwoTowns.Fill"/>.</param>
internal sealed record RouteRule(
    string Route, Welcome Nobody, Welcome Stranger, Welcome LowRole, params string[] Paths);

/// <summary>Every route of the server and how it receives whom. A new route fails the tests until it stands
/// here.</summary>
internal static class RouteTable
{
    /// <summary>Routes for people.</summary>
    internal static IReadOnlyList<RouteRule> People { get; } =
    [
        // For anybody.
        ForAnybody("GET,POST /connexion", "/connexion"),
        ForAnybody("GET,POST /mot-de-passe-oublie", "/mot-de-passe-oublie"),
        ForAnybody("GET,POST /mot-de-passe", "/mot-de-passe?lien=x"),
        ForAnybody("GET,POST /invitation", "/invitation?lien=x"),
        ForAnybody("GET,POST /accessibilite", "/accessibilite"),
        ForAnybody("GET,POST /refus", "/refus"),
        ForAnybody("GET,POST /erreur", "/erreur"),
        ForAnybody("GET,POST /connexion/externe/refus", "/connexion/externe/refus"),
        Alike(Welcome.Refused, "GET /connexion/externe/vers/{provider}", "/connexion/externe/vers/x"),
        Alike(Welcome.Refused, "GET /connexion/externe/retour", "/connexion/externe/retour?code=x&state=x"),
        Alike(Welcome.SignIn, "GET /connexion/externe/fin", "/connexion/externe/fin?state=https%3A%2F%2Fevil.example"),
        Alike(Welcome.Malformed, "GET,POST /oidc/authorize", "/oidc/authorize?client_id=x"),
        new("GET,POST /oidc/logout", Welcome.SignIn, Welcome.Open, Welcome.Open, "/oidc/logout"),
        new("GET,POST /introuvable", Welcome.Open, Welcome.Open, Welcome.Open, "/introuvable"),
        new("GET /_framework/opaque-redirect", Welcome.SignIn, Welcome.Malformed, Welcome.Malformed,
            "/_framework/opaque-redirect"),
        new("GET /ressources/{hash}/{name}", Welcome.NotFound, Welcome.NotFound, Welcome.NotFound, "/ressources/x/y"),

        // For everybody who is signed in; each sees their own.
        Own("GET,POST /", "/"),
        Own("GET,POST /compte", "/compte"),
        Own("GET,POST /appareil", "/appareil", "/appareil?code=BBBB-BBBB"),
        new("GET /services/{id:guid}/logo", Welcome.SignIn, Welcome.NotFound, Welcome.NotFound,
            "/services/{service}/logo"),
        Own("GET,POST /compte/double-authentification", "/compte/double-authentification"),

        // For the rights of a role.
        Listing("GET,POST /sauvegardes", "/sauvegardes", "/sauvegardes?collectivite={member}"),
        OfOne("GET,POST /sauvegardes/{Id:guid}", "/sauvegardes/{run}"),
        OfOne("GET,POST /postes/{Id:guid}", "/postes/{device}"),
        OfOne("GET,POST /postes/{Id:guid}/hors-perimetre", "/postes/{device}/hors-perimetre?chemin=%2Fsrv%2Fpaie"),
        OfOne("GET,POST /postes/{Id:guid}/doublon", "/postes/{device}/doublon"),
        OfOne("GET,POST /demandes/{Id:guid}", "/demandes/{order}"),
        Listing("GET,POST /restaurer", "/restaurer"),
        Listing("GET,POST /accords", "/accords"),
        OfOne("GET,POST /restaurer/{Device:guid}", "/restaurer/{device}"),
        OfOne("GET,POST /restaurer/{Device:guid}/{Version:long}", "/restaurer/{device}/2"),
        OfOne("GET,POST /restaurer/{Device:guid}/{Version:long}/recherche", "/restaurer/{device}/2/recherche?nom=a"),
        OfOne("GET,POST /restaurer/{Device:guid}/{Version:long}/selection", "/restaurer/{device}/2/selection?e=top"),
        OfOne("GET,POST /restaurer/{Device:guid}/{Version:long}/renvoyer", "/restaurer/{device}/2/renvoyer?e=top"),
        OfOne(
            "GET,POST /restaurer/{Device:guid}/{Version:long}/fichier/{Entry:long}", "/restaurer/{device}/2/fichier/0"),
        OfOne(
            "GET,POST /restaurer/{Device:guid}/{Version:long}/fichier/{Entry:long}/versions",
            "/restaurer/{device}/2/fichier/0/versions"),
        OfOne(
            "GET /restaurer/{device:guid}/{version:long}/fichier/{entry:long}/contenu",
            "/restaurer/{device}/2/fichier/0/contenu"),
        OfOne(
            "GET /restaurer/{device:guid}/{version:long}/fichier/{entry:long}/apercu",
            "/restaurer/{device}/2/fichier/0/apercu"),
        OfOne("GET /restaurer/{device:guid}/{version:long}/archive", "/restaurer/{device}/2/archive?e=top"),
        Listing("GET,POST /postes/ajouter", "/postes/ajouter"),
        OfOne("GET,POST /postes/ajouter/{Id:guid}", "/postes/ajouter/{code}", "/postes/ajouter/{code}?systeme=autre"),
        OfOne(
            "GET /postes/ajouter/{id:guid}/installateur", "/postes/ajouter/{code}/installateur?systeme=linux"),
        new("GET /installeurs/{file}", Welcome.NotFound, Welcome.Open, Welcome.Open, $"/installeurs/{Site.DebianFile}"),
        Listing(
            "GET,POST /utilisateurs", "/utilisateurs", "/utilisateurs?recherche=petit",
            "/utilisateurs?collectivite={member}"),
        Listing("GET,POST /utilisateurs/inviter", "/utilisateurs/inviter"),
        OfOne("GET,POST /utilisateurs/{Id:guid}", "/utilisateurs/{person}"),
        Listing(
            "GET,POST /journal", "/journal", "/journal?collectivite={member}",
            "/journal?personne=rene.petit%40arvigny.example"),
        Listing(
            "GET /journal/export.csv", "/journal/export.csv", "/journal/export.csv?collectivite={member}"),
        Listing(
            "GET /journal/export.jsonl", "/journal/export.jsonl", "/journal/export.jsonl?collectivite={member}"),
        ForStaff("GET,POST /veille", "/veille", "/veille?q=tresor"),
        ForStaff("GET,POST /services", "/services"),
        ForStaff("GET,POST /services/nouveau", "/services/nouveau"),
        ForStaff("GET,POST /services/{Id:guid}", "/services/{service}"),
        Listing("GET,POST /ma-collectivite", "/ma-collectivite"),
        OfOne("GET,POST /collectivites/{Id:guid}", "/collectivites/{member}"),
        OfOne("GET,POST /collectivites/{Id:guid}/modifier", "/collectivites/{member}/modifier"),
        OfOne("GET,POST /collectivites/{Id:guid}/lieux/{What}", "/collectivites/{member}/lieux/nouveau"),
        OfOne("GET,POST /collectivites/{Id:guid}/materiel/{What}", "/collectivites/{member}/materiel/nouveau"),
        OfOne("GET,POST /collectivites/{Id:guid}/contacts/{What}", "/collectivites/{member}/contacts/nouveau"),
        OfOne(
            "GET,POST /collectivites/{Id:guid}/dossiers/{Number:guid}",
            "/collectivites/{member}/dossiers/{admission}"),
        OfOne(
            "GET /collectivites/documents/{id:guid}",
            "/collectivites/documents/11111111-2222-3333-4444-555555555555"), // MemberPagesTests has a real one.
        ForStaff("GET,POST /collectivites", "/collectivites", "/collectivites?q=arvigny"),
        ForStaff("GET,POST /collectivites/intercommunalites", "/collectivites/intercommunalites"),
        ForStaff("GET /collectivites/export.csv", "/collectivites/export.csv"),
        ForStaff("GET,POST /collectivites/nouvelle", "/collectivites/nouvelle"),
        ForStaff("GET,POST /collectivites/import", "/collectivites/import"),
        ForStaff("GET,POST /collectivites/import/{Id:guid}", "/collectivites/import/{member}"),
        ForStaff("GET /collectivites/import/{id:guid}/erreurs.csv", "/collectivites/import/{member}/erreurs.csv"),
        ForStaff(
            "GET,POST /collectivites/{Id:guid}/documents/{What}", "/collectivites/{member}/documents/nouveau"),
        ForStaff("GET,POST /collectivites/{Id:guid}/diagnostic", "/collectivites/{member}/diagnostic"),
        ForStaff("GET,POST /parametres/offres", "/parametres/offres"),
        ForStaff("GET,POST /parametres/offres/{Code}", "/parametres/offres/bouquet"),
        ForStaff("GET,POST /plateforme", "/plateforme"),
        ForStaff("GET,POST /parametres", "/parametres"),
        new("GET,POST /mentions-legales", Welcome.NotFound, Welcome.NotFound, Welcome.NotFound, "/mentions-legales"),
    ];

    /// <summary>End points that only take a form. What they do is the caller's own.</summary>
    internal static IReadOnlyList<string> PlainPosts { get; } =
        ["/deconnexion", "/deconnexion/service", "/langue", "/theme"];

    /// <summary>Where services may post people to: the browser is told to ask the same by a link.</summary>
    internal static IReadOnlyList<string> AskedAgain { get; } = ["/oidc/authorize", "/oidc/logout"];

    /// <summary>What machines ask, which shows nothing of any member.</summary>
    internal static IReadOnlyList<string> Machines { get; } =
    [
        "GET /health/live", "GET /health/ready", "GET /metrics", "GET /v1/authority",
        "GET /.well-known/openid-configuration", "GET /.well-known/oauth-authorization-server", "GET /oidc/jwks",
        "OPTIONS /oidc/token", "OPTIONS /oidc/revoke", "OPTIONS /oidc/userinfo",
    ];

    /// <summary>What services ask, each with the proof of who it is, or a token.</summary>
    internal static IReadOnlyList<string> Services { get; } =
    [
        "POST /oidc/token", "POST /oidc/revoke", "POST /oidc/introspect", "POST /oidc/device",
        "GET,POST /oidc/userinfo",
    ];

    /// <summary>The agents' protocol: routes before an enrolment or a session.</summary>
    internal static IReadOnlyList<string> AgentsDoor { get; } =
    [
        "GET /v1/server", "POST /v1/enrolments", "POST /v1/challenges", "POST /v1/sessions", "ANY /v1/{**rest}",
    ];

    /// <summary>The agents' protocol: routes that need a session, and purposes that each must refuse.</summary>
    internal static IReadOnlyDictionary<string, string[]> Agents { get; } = new Dictionary<string, string[]>
    {
        ["POST /v1/have"] = ["query", "restore", "plan"],
        ["PUT /v1/packs/{id}"] = ["query", "restore", "plan"],
        ["POST /v1/commits"] = ["query", "restore", "plan"],
        ["GET /v1/snapshots"] = ["plan"],
        ["GET /v1/snapshots/{id}"] = ["plan"],
        ["POST /v1/snapshots/{id}/root-key"] = ["query", "backup", "plan"],
        ["POST /v1/records"] = ["query", "backup", "plan"],
        ["GET /v1/vault"] = ["plan"],
        ["POST /v1/unenrolment"] = ["backup", "restore", "plan"],
        ["POST /v1/check-ins"] = ["query", "backup", "restore"],
        ["POST /v1/runs"] = ["query", "backup", "restore"],
        ["POST /v1/orders/{id:guid}/progress"] = ["query", "backup", "restore"],
        ["GET /v1/orders/{id:guid}/snapshot"] = ["query", "backup", "plan"],
        ["POST /v1/orders/{id:guid}/root-key"] = ["query", "backup", "plan"],
        ["POST /v1/orders/{id:guid}/records"] = ["query", "backup", "plan"],
    };

    private static RouteRule ForAnybody(string route, params string[] paths) => Alike(Welcome.Open, route, paths);

    private static RouteRule Alike(Welcome welcome, string route, params string[] paths) =>
        new(route, welcome, welcome, welcome, paths);

    private static RouteRule ForStaff(string route, params string[] paths) =>
        new(route, Welcome.SignIn, Welcome.Refused, Welcome.Refused, paths);

    private static RouteRule Own(string route, params string[] paths) =>
        new(route, Welcome.SignIn, Welcome.Open, Welcome.Open, paths);

    /// <summary>A list: a stranger gets theirs, a low role none.</summary>
    private static RouteRule Listing(string route, params string[] paths) =>
        new(route, Welcome.SignIn, Welcome.Open, Welcome.Refused, paths);

    /// <summary>Something of one member, by its id.</summary>
    private static RouteRule OfOne(string route, params string[] paths) =>
        new(route, Welcome.SignIn, Welcome.NotFound, Welcome.Refused, paths);
}
