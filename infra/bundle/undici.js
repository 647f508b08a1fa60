// The parts of undici that the functions use: the whole of it is half as large again. Resolved in build.ts.

import PooledAgent from "undici-agent";
import askAgent from "undici-request";

/** As undici's own, which takes an address and an agent apart before it asks. */
export function request(address, { dispatcher, ...options }) {
  const { origin, pathname, search } = new URL(address);
  return askAgent.call(dispatcher, { ...options, origin, path: `${pathname}${search}` });
}

export const Agent = PooledAgent;
