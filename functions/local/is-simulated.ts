// Whether builds are simulated, so that nothing real is built.
import type { LocalOptions } from "../start-options.ts";

export function isSimulated({ live, hubUrl }: LocalOptions): boolean {
  return !live && hubUrl === null;
}
