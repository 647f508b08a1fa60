// Starts moto as a process: a second opinion on the services' APIs, by people who do not know this program.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { until } from "../stand-ins/program.ts";
import { freePort, tools } from "./dynamodb-local.ts";

export async function startMoto() {
  const port = await freePort();
  const child = spawn(join(tools, "python/bin/moto_server"), ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${endpoint}/moto-api/`).then(
      () => true,
      () => child.exitCode !== null,
    );
  await until(answers, "moto answers", 30_000);
  if (child.exitCode !== null)
    throw new Error("expected moto to start, found that it exited; run npm run test:aws, which installs it");
  const close = () =>
    new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.kill("SIGKILL");
    });
  return { endpoint, close };
}
