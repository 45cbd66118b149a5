// Forms that end in a passkey: the browser asks the person, and its answer travels in the form. Without this script, or
// in a browser that has no passkeys, the forms stay hidden.

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

const textOf = (buffer) => {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

// By hand: parseCreationOptionsFromJSON came to Safari in 2025 only.
const optionsOf = (json) => {
  const options = JSON.parse(json);
  options.challenge = bytesOf(options.challenge);
  if (options.user) options.user.id = bytesOf(options.user.id);
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    for (const each of options[list] ?? []) each.id = bytesOf(each.id);
  }
  return options;
};

const answerOf = (credential) => {
  const given = credential.response;
  const response = { clientDataJSON: textOf(given.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[part]) response[part] = textOf(given[part]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const ask = (form) => {
  const publicKey = optionsOf(form.dataset.options);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.Credential.value) return;
    event.preventDefault();
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    try {
      form.elements.Credential.value = answerOf(await ask(form));
      form.requestSubmit();
    } catch {
      failed.hidden = false; // The person refused, or no key fits.
    }
  });
}
