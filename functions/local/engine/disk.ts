// Writes to the engine's database, and recovers when the disk refuses.
import { ClassicLevel } from "classic-level";
import type { Write } from "dynalite/db/index.js";
import { StoreUnavailableError } from "../../../shared/store/store.ts";
import { causeOf } from "./level-error.ts";

export type Disk = {
  write: (writes: readonly Write[]) => Promise<void>;
  /** Resolves when the database can be used; throws a StoreUnavailableError while it cannot. */
  ready: () => Promise<void> | null;
  /** How often the database was opened again. */
  reopenings: () => number;
};

const retryMs = 1_000;

/**
 * After a failed write, the end of the database's log may hold half a record, and whatever is written after it may be
 * lost. So nothing is: the database is opened again first, which starts a new log. `settled` resolves when no request
 * uses the database. A durable write is flushed to the disk, so that a power cut loses nothing.
 */
export function createDisk(
  level: ClassicLevel<string, unknown>,
  data: string,
  isDurable: boolean,
  settled: () => Promise<unknown>,
): Disk {
  let failure: StoreUnavailableError | null = null;
  let reopening: Promise<void> | null = null;
  let triedAt = 0;
  let reopenings = 0;
  const fail = (error: unknown): StoreUnavailableError => {
    triedAt = Date.now();
    failure = new StoreUnavailableError(
      `expected to write to the data folder ${data}, found ${causeOf(error)}; nothing that was answered is lost, and it goes on by itself once that has ended`,
      { cause: error },
    );
    return failure;
  };
  const reopen = async () => {
    await settled();
    try {
      // The engine has replaced the methods of this object by its own.
      await Reflect.apply(ClassicLevel.prototype.close, level, []);
      await Reflect.apply(ClassicLevel.prototype.open, level, []);
      reopenings += 1;
      failure = null;
    } catch (error) {
      throw fail(error);
    }
  };
  return {
    write: async (writes) => {
      if (failure !== null) throw failure;
      try {
        await Reflect.apply(ClassicLevel.prototype.batch, level, [[...writes], { sync: isDurable }]);
      } catch (error) {
        throw fail(error);
      }
    },
    ready: () => {
      if (failure === null) return null;
      if (reopening === null && Date.now() < triedAt + retryMs) return Promise.reject(failure);
      reopening ??= reopen().finally(() => {
        reopening = null;
      });
      return reopening;
    },
    reopenings: () => reopenings,
  };
}
