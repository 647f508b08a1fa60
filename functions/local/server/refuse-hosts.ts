// Refuses requests for names that are not this program's. By DNS rebinding, a page elsewhere makes its own name point to this
// machine, and could then read the pages through the browser of somebody who may. It cannot do so by an address.
import { isIP } from "node:net";
import { answerProblem } from "./answer-problem.ts";
import type { Listener } from "./listen.ts";

/** `allowed` are names; `*.example.org` covers all names below it. */
export function refuseHosts(listener: Listener, allowed: readonly string[]): Listener {
  const names = allowed.map((name) => name.toLowerCase());
  return async (request, response) => {
    const { url = "", headers } = request;
    // A proxy's form of a request has the host in its target. The listener answers what is invalid.
    const target = url.startsWith("/") ? null : URL.parse(url);
    const path = target?.pathname ?? url;
    if (isOpenToAll(path) || isAllowed(target?.host ?? headers.host, names))
      return listener(request, response);
    const detail =
      "expected a request for localhost, an IP address or a name of this program, found another name in Host; name it by --allow-host, or by url in the configuration";
    answerProblem(response, 421, detail);
  };
}

/** Webhooks have a secret in the request itself, and a health check tells nothing. */
function isOpenToAll(path: string): boolean {
  return path.startsWith("/hooks/") || path === "/healthz";
}

function isAllowed(host: string | undefined, names: readonly string[]): boolean {
  // HTTP/1.0, which browsers do not speak, needs no host.
  if (host === undefined) return true;
  const name = URL.parse(`http://${host}`)?.hostname.toLowerCase().replace(/\.$/, "");
  // The listener answers hosts that are invalid.
  if (name === undefined || isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return names.some((known) => (known.startsWith("*.") ? name.endsWith(known.slice(1)) : name === known));
}
