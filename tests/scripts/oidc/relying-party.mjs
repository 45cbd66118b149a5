// A service made with npm's openid-client, as its documentation shows it. Asked at /login, it answers at the end with
// what it was told; /logout signs out at the provider too; /refresh and /device try the other grants.
import { createServer } from "node:http";
import * as client from "openid-client";

const [issuer, clientId, clientSecret, port] = process.argv.slice(2);
const here = `http://127.0.0.1:${port}`;
const configuration = await client.discovery(new URL(issuer), clientId, clientSecret || undefined,
  clientSecret ? undefined : client.None(), { execute: [client.allowInsecureRequests] });
let pending = {};
let tokens;

async function login() {
  const verifier = client.randomPKCECodeVerifier();
  pending = { verifier, state: client.randomState(), nonce: client.randomNonce() };
  return client.buildAuthorizationUrl(configuration, {
    redirect_uri: `${here}/callback`,
    scope: "openid profile email siret roles offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: pending.state,
    nonce: pending.nonce,
  }).href;
}

async function callback(url) {
  tokens = await client.authorizationCodeGrant(configuration, url, {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    idTokenExpected: true,
  });
  const info = await client.fetchUserInfo(configuration, tokens.access_token, tokens.claims().sub);
  return { claims: tokens.claims(), info };
}

async function refresh() {
  tokens = await client.refreshTokenGrant(configuration, tokens.refresh_token);
  return { refreshed: tokens.claims().sub };
}

async function introspect() {
  return client.tokenIntrospection(configuration, tokens.access_token);
}

const waiting = {};
async function device() {
  const begun = await client.initiateDeviceAuthorization(configuration, { scope: "openid email" });
  client.pollDeviceAuthorizationGrant(configuration, begun).then(
    (got) => { waiting.claims = got.claims(); }, (error) => { waiting.error = String(error); });
  return begun;
}

createServer(async (request, response) => {
  const url = new URL(request.url, here);
  const redirect = (to) => response.writeHead(302, { location: to }).end();
  try {
    if (url.pathname === "/login") return redirect(await login());
    if (url.pathname === "/logout") {
      return redirect(client.buildEndSessionUrl(configuration, {
        id_token_hint: tokens.id_token, post_logout_redirect_uri: `${here}/bye`, state: "bye" }).href);
    }
    const acts = { "/callback": () => callback(url), "/refresh": refresh, "/introspect": introspect, "/device": device };
    const act = acts[url.pathname] ?? (() => ({ ...waiting, path: url.pathname + url.search }));
    const answer = JSON.stringify(await act());
    response.writeHead(200, { "content-type": "application/json" }).end(answer);
  } catch (error) {
    response.writeHead(500, { "content-type": "application/json" })
      .end(JSON.stringify({ error: error.error ?? error.code ?? String(error), cause: String(error.cause ?? "") }));
  }
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
