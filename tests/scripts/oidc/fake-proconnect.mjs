// A provider that keeps ProConnect's rules: state and nonce of 32 characters at least, no parameter that it does not
// know, secret in the form, signed userinfo, one scope for each claim, logout by the browser.
import { Provider } from "oidc-provider";

const [port, portal, email, siret] = process.argv.slice(2);
const people = {
  jeanne: { given_name: "Jeanne", usual_name: "Morel", email, uid: "1", siret },
  luc: { given_name: "Luc", usual_name: "Petit", email: "luc.petit@arvigny.example", uid: "2", siret },
  ailleurs: { given_name: "Zoé", usual_name: "Loin", email: "zoe@ailleurs.example", uid: "3", siret: "21490987100011" },
};
const known = ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "acr_values", "prompt",
  "login_hint", "siret_hint", "idp_hint", "claims"];

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "portail",
    client_secret: "un secret que seuls les deux connaissent",
    redirect_uris: [`${portal}/connexion/externe/retour`],
    post_logout_redirect_uris: [`${portal}/connexion/externe/fin`],
    token_endpoint_auth_method: "client_secret_post",
    userinfo_signed_response_alg: "RS256",
  }],
  claims: { openid: ["sub"], given_name: ["given_name"], usual_name: ["usual_name"], email: ["email"], uid: ["uid"],
    siret: ["siret"] },
  acrValues: ["eidas1", "eidas2"],
  features: { devInteractions: { enabled: true }, jwtUserinfo: { enabled: true } },
  pkce: { required: () => false },
  cookies: { keys: ["only for tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: `pc-${id}`, ...people[id] }) }),
});

provider.use(async (context, next) => {
  if (context.path === "/auth") {
    const asked = context.query;
    const foreign = Object.keys(asked).find((name) => !known.includes(name));
    if (foreign || asked.state?.length < 32 || asked.nonce?.length < 32) {
      context.status = 400;
      context.body = `Y000400 ${foreign ?? "state or nonce too short"}`;
      return;
    }
  }
  if (context.path === "/session/end") console.log("end session", Boolean(context.query.id_token_hint));
  await next();
  if (context.path.endsWith("/openid-configuration")) delete context.body.code_challenge_methods_supported;
});
provider.listen(Number(port), "127.0.0.1");
