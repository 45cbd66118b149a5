using Microsoft.Extensions.Primitives;

namespace Beffroi.Identity.Oidc.Authorize;

/// <summary>What a service asks by way of the browser (OpenID Connect Core 1.0, §3.1.2.1; RFC 6749, §4.1.1).</summary>
internal sealed class AuthorizationRequest
{
    private static readonly HashSet<string> PromptsKnown = ["none", "login", "consent", "select_account"];

    private readonly Dictionary<string, StringValues> _values;

    internal AuthorizationRequest(IEnumerable<KeyValuePair<string, StringValues>> values) =>
        _values = values.ToDictionary(each => each.Key, each => each.Value, StringComparer.Ordinal);

    internal string? ClientId => Single("client_id");
    internal string? RedirectUri => Single("redirect_uri");
    internal string? State => Single("state");
    internal string? Nonce => Single("nonce");
    internal string? Scope => Single("scope");
    internal string? Challenge => Single("code_challenge");
    internal string? LoginHint => Single("login_hint");
    internal string? IdTokenHint => Single("id_token_hint");
    internal IReadOnlyList<string> Locales => OidcScope.Split(Single("ui_locales"));
    internal IReadOnlyList<string> Prompts => OidcScope.Split(Single("prompt"));

    /// <summary>Whether nobody may be asked anything.</summary>
    internal bool IsSilent => Prompts.Contains("none");

    internal TimeSpan? AgeMax => int.TryParse(Single("max_age"), out var seconds) && seconds >= 0
        ? TimeSpan.FromSeconds(seconds)
        : null;

    /// <summary>What is wrong with it, apart from who asks and where the answer goes; none if nothing is.</summary>
    internal (string Error, string Reason)? FindFault(bool needsPkce)
    {
        if (_values.FirstOrDefault(each => each.Value.Count > 1).Key is { } twice)
            return ("invalid_request", $"The parameter {twice} is there twice.");
        if (Single("request") is not null) return ("request_not_supported", "Send plain parameters.");
        if (Single("request_uri") is not null) return ("request_uri_not_supported", "Send plain parameters.");
        if (Single("registration") is not null)
            return ("registration_not_supported", "Services are registered by the operator.");
        if (Single("response_type") is not { } type) return ("invalid_request", "The response_type is missing.");
        if (type != "code") return ("unsupported_response_type", "Only response_type=code is spoken.");
        if (Single("response_mode") is not (null or "query"))
            return ("invalid_request", "Only response_mode=query is spoken.");
        if (!OidcScope.Split(Scope).Contains(OidcScope.OpenId))
            return ("invalid_scope", "The scope openid is missing.");
        return FindProofFault(needsPkce) ?? FindPromptFault();
    }

    /// <summary>PKCE's plain method is as good as none, and is refused rather than ignored.</summary>
    private (string Error, string Reason)? FindProofFault(bool needsPkce)
    {
        if (Challenge is null)
        {
            if (needsPkce || Single("code_challenge_method") is not null)
                return ("invalid_request", "A code_challenge of the method S256 is needed (RFC 7636).");

            // Something must tie the code to this browser, or a stolen one is brought in elsewhere (RFC 9700, §2.1.1).
            return Nonce is null ? ("invalid_request", "Without a code_challenge a nonce is needed.") : null;
        }
        if (Single("code_challenge_method") != "S256")
            return ("invalid_request", "The code_challenge_method must be S256.");
        return Challenge.Length == 43 && Challenge.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_')
            ? null
            : ("invalid_request", "The code_challenge is no SHA-256 in base64url.");
    }

    private (string Error, string Reason)? FindPromptFault()
    {
        if (Prompts.FirstOrDefault(prompt => !PromptsKnown.Contains(prompt)) is not null)
            return ("invalid_request", "The prompt is none of none, login, consent, select_account.");
        if (IsSilent && Prompts.Count > 1) return ("invalid_request", "The prompt none goes with no other.");
        return Single("max_age") is not null && AgeMax is null
            ? ("invalid_request", "The max_age is no number of seconds.")
            : null;
    }

    /// <summary>A parameter that is there once and not empty; RFC 6749, §3.1, reads an empty one as absent.</summary>
    private string? Single(string name) =>
        _values.TryGetValue(name, out var values) && values is [{ Length: > 0 } one] ? one : null;
}
