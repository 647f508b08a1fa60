// Starts the process that supervises a command, sends it the environment, and waits until the command has started.
import { type ChildProcess, spawn } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/** What must not be in a file, sent over the IPC channel. */
export const supervisorInputSchema = z.object({
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
});
export type SupervisorInput = z.infer<typeof supervisorInputSchema>;

/** In place of a system's error code. */
export const noPipe = "no pipe for the output";

const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("started") }),
  /** `code` is the system's error code. */
  z.object({ kind: z.literal("failed"), code: z.string() }),
]);
export type StartAnswer = z.infer<typeof answerSchema>;

export type Supervisor = {
  pid: number | null;
  answer: StartAnswer | { kind: "ended" } | { kind: "silent" };
  /** Resolves when the process has ended. */
  ended: Promise<void>;
};

/** TypeScript in the clone, JavaScript in the package. */
const program = fileURLToPath(new URL(`./supervise${extname(import.meta.url)}`, import.meta.url));

export async function startSupervisor(
  recordPath: string,
  input: SupervisorInput,
  maxStartMs: number,
): Promise<Supervisor> {
  const child = spawn(process.execPath, [program, recordPath], {
    env: supervisorEnvironment(input.environment),
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const answer = await answerOf(child, input, ended, maxStartMs);
  if (child.connected) child.disconnect();
  // The program may exit before it.
  child.unref();
  return { pid: child.pid ?? null, answer, ended };
}

/** Variables for the command, such as NODE_OPTIONS, must not affect the supervisor. */
function supervisorEnvironment({ PATH, TMPDIR }: SupervisorInput["environment"]): NodeJS.ProcessEnv {
  const compiled = getCompileCacheDir();
  return {
    PATH,
    TMPDIR,
    // Shares the program's cache of compiled code, if it has one. Node appends its version to this folder.
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) }),
  };
}

async function answerOf(
  child: ChildProcess,
  input: SupervisorInput,
  ended: Promise<void>,
  maxStartMs: number,
): Promise<Supervisor["answer"]> {
  const { promise, resolve } = Promise.withResolvers<Supervisor["answer"]>();
  const timer = setTimeout(() => resolve({ kind: "silent" }), maxStartMs);
  child.once("message", (message) => resolve(answerSchema.safeParse(message).data ?? { kind: "silent" }));
  void ended.then(() => resolve({ kind: "ended" }));
  // Without a connection, `ended` resolves.
  if (child.connected) child.send(input, () => undefined);
  return promise.finally(() => clearTimeout(timer));
}
