// Starts adnanh/webhook (in Go, `apt-get install webhook`), which runs curl for each webhook. It stores and checks nothing, and
// knows which tag comes next only if somebody writes that down for each.
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../aws/dynamodb-local.ts";
import { makeFolder, root, until, webhookSecret } from "../../stand-ins/program.ts";
import type { Subject } from "../subject.ts";

/** Null if it or curl is not installed. */
export async function startWebhookAndCurl(hub: string): Promise<Subject | null> {
  for (const [command, option] of [
    ["webhook", "-version"],
    ["curl", "--version"],
  ] as const) {
    if (spawnSync(command, [option]).error !== undefined) return null;
  }
  const folder = makeFolder();
  const hooks = join(folder.path, "hooks.json");
  const trigger = {
    id: webhookSecret,
    "execute-command": join(root, "test/benchmarks/alternatives/trigger.sh"),
    "pass-arguments-to-command": [
      { source: "string", name: hub },
      { source: "payload", name: "push_data.tag" },
    ],
    // So that it answers when the trigger was sent, as the others do.
    "include-command-output-in-response": true,
    "success-http-response-code": 200,
  };
  writeFileSync(hooks, JSON.stringify([trigger]));
  const port = await freePort();
  const args = ["-ip", "127.0.0.1", "-port", String(port), "-urlprefix", "hooks/dockerhub", "-hooks", hooks];
  const child = spawn("webhook", args, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const origin = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(origin).then(
      () => true,
      () => false,
    );
  await until(isUp, "webhook listens");
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    folder.remove();
  };
  return { name: "webhook and curl", isTagrelay: false, origin, pid: child.pid ?? 0, stop };
}
