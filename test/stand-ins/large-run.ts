// A run of a pipeline with very many steps, to its end: the local program with the simulated Docker Hub, whose builds end at once.
import { join } from "node:path";
import { createSimulatedHub } from "../../functions/local/simulated-hub/simulated-hub.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { startInProcess } from "./in-process.ts";
import { makeFolder, until, webhookSecret } from "./program.ts";

const stepName = (place: number) => `s-${String(place).padStart(4, "0")}`;
const image = (place: number) => ({ image: `acme/large:${stepName(place)}` });

/** All steps come after the first, so that all of them are triggered, and pushed, at once. */
export function wideGraph(count: number) {
  const steps = Array.from({ length: count }, (_, place) => [
    stepName(place),
    { ...image(place), ...(place === 0 ? {} : { after: stepName(0) }) },
  ]);
  return { steps: Object.fromEntries(steps) };
}

/** One step, then `width` of them side by side, and so on. */
export function stages(count: number, width: number) {
  const names = Array.from({ length: count }, (_, place) => stepName(place));
  const sequence: (string | string[])[] = [];
  while (names.length > 0) sequence.push(...names.splice(0, 1), names.splice(0, width));
  return { image: "acme/large", sequence: sequence.filter((stage) => stage.length > 0) };
}

export type LargeRun = { status: string; states: Record<string, number>; refused: number };

/** `args` are further options of the program. */
export async function runToItsEnd(
  pipeline: Record<string, unknown>,
  args: readonly string[],
  maxMs: number,
): Promise<LargeRun> {
  const folder = makeFolder();
  const config = folder.config({ large: pipeline });
  let origin = "";
  const hub = await createSimulatedHub({
    path: join(folder.path, "builds.json"),
    pipelines: compileConfig({ pipelines: { large: pipeline } }).pipelines,
    buildMs: () => 0,
    webhookUrl: (kind) => `${origin}/hooks/${kind}/${webhookSecret}`,
    send: createSend(() => true),
  });
  const options = ["--data", folder.data, "--config", config, "--hub-url", hub.origin, ...args];
  const program = await startInProcess(options);
  ({ origin } = program);
  try {
    const { body } = await program.api("POST", "/pipelines/large/runs");
    const load = async () => (await program.api("GET", `/runs/${body.id}`)).body;
    await until(async () => (await load()).status !== "running", "the large run ends", maxMs);
    const { status, steps } = await load();
    const states = Object.groupBy<string, { state: string }>(steps, ({ state }) => state);
    return {
      status,
      states: Object.fromEntries(Object.entries(states).map(([state, all]) => [state, all?.length ?? 0])),
      refused: (program.stderr().match(/"event":"overload"/g) ?? []).length,
    };
  } finally {
    await program.stop();
    await hub.stop();
    folder.remove();
  }
}
