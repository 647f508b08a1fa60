// Does what can wait for the next sweep, and leaves it to that while the store cannot be reached.
import type { LogEntry } from "../log/log.ts";
import { StoreUnavailableError } from "../store/store.ts";
import type { Relay } from "./relay.ts";

/** What comes of the work; null where it could not be done, which the log is told by this entry and the reason. */
export async function unlessUnreachable<Result>(
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
