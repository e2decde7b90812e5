// A button beside a form asks for a passkey, puts what it said into the form and sends it.
// Without script, or where the browser knows no passkeys, the button stays hidden.
const known = window.PublicKeyCredential;
if (known && known.parseCreationOptionsFromJSON && known.parseRequestOptionsFromJSON) {
  for (const part of document.querySelectorAll("[data-passkey]")) {
    part.hidden = false;
    part.querySelector("button").addEventListener("click", () => ask(part));
  }
}

async function ask(part) {
  const options = JSON.parse(part.dataset.options);
  const problem = part.querySelector("[role=alert]");
  problem.hidden = true;
  try {
    const credential = part.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options) });
    const field = document.getElementById(part.dataset.field);
    field.value = JSON.stringify(credential);
    field.form.submit();
  } catch {
    problem.hidden = false;
  }
}
