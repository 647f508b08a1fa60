// Middleware: limits how often a client may send a wrong API token, by which a weak one could be guessed. On Lambda, each
// instance counts for itself.
import type { Context, MiddlewareHandler } from "hono";
import { clientAddress } from "./client-address.ts";
import { problem } from "./problem.ts";

/** So many wrong tokens are answered at once, and then one in this time. */
const maxGuesses = 20;
const guessEveryMs = 3_000;
const maxClients = 10_000;

type Guesses = { left: number; at: number };

export function limitGuesses(clock: () => number): MiddlewareHandler {
  const clients = new Map<string, Guesses>();
  const leftOf = (client: string): number => {
    const { left, at } = clients.get(client) ?? { left: maxGuesses, at: 0 };
    return Math.min(maxGuesses, left + Math.max(0, clock() - at) / guessEveryMs);
  };
  return async (c, next) => {
    const client = sendsToken(c) ? clientAddress(c) : null;
    if (client === null) return next();
    if (leftOf(client) < 1) {
      // Not compared: otherwise, guessing would go on. Whoever is signed in stays so.
      const detail = "too many wrong tokens came from this address; wait a few seconds and try again";
      return problem(c, 429, detail, { "retry-after": String(guessEveryMs / 1_000) });
    }
    await next();
    if (c.res.status !== 401) return;
    const left = leftOf(client) - 1;
    // Moves it to the end, so that the first is the one that has been quiet for longest.
    clients.delete(client);
    clients.set(client, { left, at: clock() });
    const [quietest] = clients.keys();
    if (clients.size > maxClients && quietest !== undefined) clients.delete(quietest);
  };
}

/** Webhooks have secrets of their own, which a sender with an old one would otherwise use up for everyone behind a proxy. */
function sendsToken(c: Context): boolean {
  const { path, method } = c.req;
  if (path === "/sign-in") return method === "POST";
  const isHook = path.startsWith("/hooks/") && path !== "/hooks/done";
  return !isHook && c.req.header("authorization") !== undefined;
}
