// A real OpenID Connect provider for tests. Told in JSON: port, client, people; says "ready" when it listens.
import { Provider } from "oidc-provider";

const told = JSON.parse(process.argv[2]);
const people = new Map(Object.entries(told.people));

const provider = new Provider(told.issuer, {
  clients: [
    {
      client_id: told.client_id,
      client_secret: told.client_secret,
      redirect_uris: [told.redirect_uri],
      backchannel_logout_uri: told.logout_uri,
      backchannel_logout_session_required: true,
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  // Without its guard against addresses of one's own machine, where the console of a test is.
  fetch: (url, { dispatcher: _guard, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: ["of a test"] },
  findAccount: (_ctx, id) =>
    people.has(id) ? { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) } : undefined,
});
provider.on("backchannel.error", (_ctx, error) => console.log("logout was not heard:", error.message));
provider.listen(told.port, "127.0.0.1", () => console.log("ready"));
