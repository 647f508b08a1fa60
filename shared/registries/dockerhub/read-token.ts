// Logs in to Docker Hub's API, whose tokens are not those of its registry. With a login, it also shows private repositories,
// and allows more requests.
import { dockerHub } from "../../image/image.ts";
import { replaceKnownHost } from "../../outgoing/origins.ts";
import { parseJsonFields } from "../../validation/parse-json.ts";
import { type RegistryPorts, registryTimeoutMs } from "../oci/authorize.ts";

/** Docker Hub's tokens are valid for longer. */
const keepMs = 5 * 60_000;
/** After a failed login, requests go without one for this long. */
const retryMs = 60_000;

/** Null without a login, or if it failed: public repositories can still be read. */
export function createReadToken({
  send,
  origins,
  clock,
  readLogin,
}: RegistryPorts): () => Promise<string | null> {
  let known: { token: string | null; untilMs: number } = { token: null, untilMs: 0 };
  return async () => {
    if (known.untilMs > clock()) return known.token;
    const login = await readLogin(dockerHub).catch(() => null);
    if (login === null) return null;
    const url = new URL("https://hub.docker.com/v2/auth/token");
    const answer = await send({
      method: "POST",
      url: replaceKnownHost(url, origins),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ identifier: login.username, secret: login.password }),
      timeoutMs: registryTimeoutMs,
    });
    const { access_token } = parseJsonFields(answer.kind === "answered" ? answer.text : "");
    const isUsable = typeof access_token === "string" && /^[\x21-\x7e]{1,16384}$/.test(access_token);
    known = {
      token: isUsable ? access_token : null,
      untilMs: clock() + (isUsable ? keepMs : retryMs),
    };
    return known.token;
  };
}
