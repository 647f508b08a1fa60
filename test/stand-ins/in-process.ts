// The local program within the test's own process, which spares the start of another one.
import { startLocal } from "../../functions/local/start.ts";
import { readOptions } from "../../functions/start-options.ts";
import { createLog } from "../../shared/log.ts";
import { createPlainProgress } from "../../shared/progress/plain.ts";
import { apiToken, type Client, connect, webhookSecret } from "./program.ts";

export type InProcess = Client & {
  stdout: () => string;
  stderr: () => string;
  stop: () => Promise<void>;
};

/** `limits` replaces the limits on slow clients. */
export async function startInProcess(
  args: readonly string[],
  env: Record<string, string> = {},
  limits?: Parameters<typeof startLocal>[4],
): Promise<InProcess> {
  const options = readOptions(["--port", "0", ...args]);
  if (options === "help") throw new Error("expected options that start the program");
  let stdout = "";
  let stderr = "";
  const progress = createPlainProgress((text) => {
    stdout += text;
  }, Date.now);
  const log = createLog((line) => {
    stderr += line;
  }, Date.now);
  const secrets = { TAGRELAY_WEBHOOK_SECRET: webhookSecret, TAGRELAY_API_TOKEN: apiToken };
  const program = await startLocal(options, { ...secrets, ...env }, progress, log, limits);
  for (const run of program.activeRuns) progress.resume(run);
  return {
    ...connect(program.origin),
    stdout: () => stdout,
    stderr: () => stderr,
    stop: program.stop,
  };
}
