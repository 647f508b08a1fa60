// Runs work that can wait for the next sweep, and skips it while the store is unreachable.
import type { LogEntry } from "../log.ts";
import { StoreUnavailableError } from "../store/store.ts";
import type { Relay } from "./relay.ts";

/** Null if the store was unreachable, which is logged with this entry. */
export async function ifStoreReachable<Result>(
  relay: Relay,
  entry: LogEntry,
  work: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    relay.log("error", { ...entry, reason: error.message });
    return null;
  }
}
