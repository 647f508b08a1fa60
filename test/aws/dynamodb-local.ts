// Starts AWS's own DynamoDB engine as a process, empty and in memory.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { root, until } from "../stand-ins/program.ts";

export const tools = join(root, ".aws-tools");

export async function startDynamodbLocal() {
  const port = await freePort();
  const lib = join(tools, "dynamodb-local");
  const main = "software.amazon.dynamodb.services.local.main.ServerRunner";
  const args = [
    `-Djava.library.path=${lib}`,
    "-cp",
    `${lib}/*`,
    main,
    "-inMemory",
    "-sharedDb",
    "-disableTelemetry",
    "-port",
    String(port),
  ];
  const child = spawn("java", args, { stdio: "ignore", cwd: lib });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => child.exitCode !== null,
    );
  await until(answers, "DynamoDB Local answers", 30_000);
  if (child.exitCode !== null)
    throw new Error(
      "expected DynamoDB Local to start, found that it exited; run npm run test:aws, which installs it",
    );
  const close = () =>
    new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.kill("SIGKILL");
    });
  return { endpoint, close };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(),
      );
    });
  });
}
