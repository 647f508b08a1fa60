// Sums up a profile of V8 by packages and folders.
import * as z from "zod";

export const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      children: z.array(z.int()).default([]),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.int(),
        columnNumber: z.int(),
      }),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});
export type Frame = z.infer<typeof profileSchema>["nodes"][number]["callFrame"];

/** Milliseconds by the names that `moduleOf` gives. It gives null for what counts for its caller, as Node's own work does. */
export function timesByModule(
  { nodes, samples, timeDeltas }: z.infer<typeof profileSchema>,
  moduleOf: (frame: Frame) => string | null,
): Map<string, number> {
  const parents = new Map(nodes.flatMap(({ id, children }) => children.map((child) => [child, id])));
  const own = new Map(nodes.map(({ id, callFrame }) => [id, commonName(callFrame) ?? moduleOf(callFrame)]));
  const nameOf = (id: number | undefined): string =>
    id === undefined ? "Node itself" : (own.get(id) ?? nameOf(parents.get(id)));
  const byModule = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = nameOf(id);
    byModule.set(name, (byModule.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  return byModule;
}

function commonName({ functionName, url }: Frame): string | null {
  if (functionName === "(idle)") return "waiting for answers";
  if (functionName === "(garbage collector)") return "garbage collection";
  return url.startsWith("wasm:") ? "undici" : null;
}

export function packageOf(source: string): string | null {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(source)?.[1] ?? null;
}

/** The package or folder of a program that is not bundled. Null for work that counts for its caller. */
export function placeOf({ url }: Frame, other: string): string | null {
  const path = url.startsWith("/") ? url : /^file:\/\/(.*)/.exec(url)?.[1];
  if (path === undefined) return null;
  return packageOf(path) ?? /(?:shared|functions\/local|functions)\/[^/]+/.exec(path)?.[0] ?? other;
}
