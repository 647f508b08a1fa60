// The JSON web token by which a GitHub App says who it is, signed with its private key (RS256).
import { createPrivateKey, type KeyObject, sign } from "node:crypto";

/** Null where the key is none. */
export function appJwt(id: string | number, pem: string, now: number): string | null {
  const key = readKey(pem);
  if (key === null) return null;
  const second = Math.floor(now / 1000);
  // GitHub wants it issued a minute ago, for clocks that differ, and ended within ten.
  const claims = { iat: second - 60, exp: second + 540, iss: String(id) };
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function readKey(pem: string): KeyObject | null {
  try {
    // Where a text may have one line alone, its breaks are written as \n.
    const key = createPrivateKey(pem.replaceAll("\\n", "\n").trim());
    return key.asymmetricKeyType === "rsa" ? key : null;
  } catch {
    return null;
  }
}
