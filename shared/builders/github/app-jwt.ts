// Creates the JSON web token that identifies a GitHub App, signed with its private key (RS256).
import { createPrivateKey, type KeyObject, sign } from "node:crypto";

/** Null if the key is not a private RSA key. */
export function appJwt(id: string | number, pem: string, now: number): string | null {
  const key = readKey(pem);
  if (key === null) return null;
  const second = Math.floor(now / 1000);
  // GitHub recommends to issue it a minute ago, because clocks differ, and allows at most ten minutes.
  const claims = { iat: second - 60, exp: second + 540, iss: String(id) };
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function readKey(pem: string): KeyObject | null {
  try {
    // Some places for secrets allow only one line; line breaks are then written as \n.
    const key = createPrivateKey(pem.replaceAll("\\n", "\n").trim());
    return key.asymmetricKeyType === "rsa" ? key : null;
  } catch {
    return null;
  }
}
