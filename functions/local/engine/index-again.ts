// Puts what is due into the embedded engine's index once more: a kill may have left it out.
import { type PipelineState, wakeAtOf } from "../../../shared/core/run.ts";
import type { Store } from "../../../shared/store/store.ts";

/**
 * The engine writes an item and its entries in an index one after the other, and takes the old entry out first. Killed
 * in between, it has an item that no sweep would ever find again.
 */
export async function indexAgain(store: Store, states: ReadonlyMap<string, PipelineState>): Promise<void> {
  const due = [...states].filter(([, state]) => wakeAtOf(state) !== null);
  for (const [name] of due) {
    const loaded = await store.load(name);
    // A conflict means that it has been saved just now, and so is in the index.
    await store.save(name, loaded, loaded.state, null);
  }
}
