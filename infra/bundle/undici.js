// The parts of undici that the functions use: the whole of it is half as large again. Resolved in build.ts.

import PooledAgent from "undici-agent";
import askOnce from "undici-request";

export const request = askOnce;
export const Agent = PooledAgent;
