// An issuer of identity tokens on a real HTTP server, with real keys.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { serve } from "./serve.ts";

export type Claims = Record<string, unknown>;
export type Issuer = {
  url: string;
  /** Signs a token that is valid for five minutes. Claims that are null are left out. */
  sign: (claims: Claims) => Promise<string>;
  /** From now on, tokens are signed with another key. */
  changeKey: () => Promise<void>;
  asked: string[];
  /** Overrides the discovery document. */
  document: Record<string, unknown> | null;
  close: () => Promise<void>;
};

export async function startIssuer(clock: () => number = Date.now): Promise<Issuer> {
  let keyId = 0;
  let { privateKey, publicKey } = await generateKeyPair("RS256");
  let keys: JWK[] = [];
  const publish = async () => {
    keyId += 1;
    keys = [{ ...(await exportJWK(publicKey)), kid: String(keyId), alg: "RS256" }];
  };
  await publish();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    issuer.asked.push(path);
    const own = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
    if (path === "/.well-known/openid-configuration") response.end(JSON.stringify(issuer.document ?? own));
    else if (path === "/keys") response.end(JSON.stringify({ keys }));
    else response.writeHead(404).end();
  });
  const { origin, close } = await serve(server);
  const issuer: Issuer = {
    url: origin,
    asked: [],
    document: null,
    close,
    sign: (claims) => {
      const seconds = Math.floor(clock() / 1000);
      const all = { iss: origin, iat: seconds, exp: seconds + 300, ...claims };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      return new SignJWT(given).setProtectedHeader({ alg: "RS256", kid: String(keyId) }).sign(privateKey);
    },
    changeKey: async () => {
      ({ privateKey, publicKey } = await generateKeyPair("RS256"));
      await publish();
    },
  };
  return issuer;
}
