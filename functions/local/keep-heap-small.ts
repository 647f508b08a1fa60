// Tells V8 to collect garbage sooner: it would otherwise take several times the memory that the program uses.
import { setFlagsFromString } from "node:v8";

/**
 * Both can be changed while the process runs. Together, they more than halve the memory (after 12,000 webhooks 187 MB instead of
 * 435), and cost a webhook nearly half as much processor time again: 3.3 ms instead of 2.3, where webhooks come a few a minute.
 */
export function keepHeapSmall(): void {
  // The young generation keeps the size that it has; it would grow to more than 100 MB, and keep that. `npm start` sets this
  // before anything is loaded.
  setFlagsFromString("--semi-space-growth-factor=1");
  // The old one is collected when it has grown by so many percent since the last time.
  setFlagsFromString("--heap-growing-percent=60");
}
