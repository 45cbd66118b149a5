namespace Beffroi.Business.Members.Documents;

/// <summary>What a document of a member is.</summary>
public enum DocumentKind
{
    /// <summary>The assembly's vote; transmitted to legality control through @CTES.</summary>
    Deliberation,
    Charter,
    Convention,

    /// <summary>Lettre de commande of the pack (ME20, ME22).</summary>
    OrderLetter,

    /// <summary>Numbered annex of a convention.</summary>
    Annex,

    /// <summary>Avenant (ME31).</summary>
    Amendment,
    Other,
}
