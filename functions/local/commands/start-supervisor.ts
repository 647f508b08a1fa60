// Starts the process that sees to a command, gives it what stands in no file, and waits until the command has begun.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/** What goes to it by a channel of its own. */
export const orderSchema = z.object({
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
});
export type Order = z.infer<typeof orderSchema>;

/** In place of a system's code. */
export const noPipe = "no pipe for the output";

const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("started") }),
  /** With the system's code for what is wrong. */
  z.object({ kind: z.literal("failed"), code: z.string() }),
]);
export type StartAnswer = z.infer<typeof answerSchema>;

export type Supervisor = {
  pid: number | null;
  answer: StartAnswer | { kind: "ended" } | { kind: "silent" };
  /** Resolves when the process has ended. */
  ended: Promise<void>;
};

const program = fileURLToPath(new URL("./supervise.ts", import.meta.url));

export async function startSupervisor(
  recordPath: string,
  order: Order,
  atMostMs: number,
): Promise<Supervisor> {
  const { PATH, TMPDIR } = order.environment;
  const child = spawn(process.execPath, [program, recordPath], {
    // What is meant for the command alone, such as NODE_OPTIONS, is not for it.
    env: { ...(PATH === undefined ? {} : { PATH }), ...(TMPDIR === undefined ? {} : { TMPDIR }) },
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const answer = await answerOf(child, order, ended, atMostMs);
  if (child.connected) child.disconnect();
  // The program need not wait for it.
  child.unref();
  return { pid: child.pid ?? null, answer, ended };
}

async function answerOf(
  child: ChildProcess,
  order: Order,
  ended: Promise<void>,
  atMostMs: number,
): Promise<Supervisor["answer"]> {
  const { promise, resolve } = Promise.withResolvers<Supervisor["answer"]>();
  const timer = setTimeout(() => resolve({ kind: "silent" }), atMostMs);
  child.once("message", (message) => resolve(answerSchema.safeParse(message).data ?? { kind: "silent" }));
  void ended.then(() => resolve({ kind: "ended" }));
  // Where it is not there, or not any more, its end tells.
  if (child.connected) child.send(order, () => undefined);
  return promise.finally(() => clearTimeout(timer));
}
