// The function behind a custom resource: keeps the schedules of a large installation as its configuration has them.
import { readFileSync } from "node:fs";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { createLog } from "../../shared/log.ts";
import { createDeployHandler } from "./handle-request.ts";
import { manifestFile, manifestSchema } from "./manifest.ts";

const manifest = manifestSchema.parse(
  JSON.parse(readFileSync(new URL(manifestFile, import.meta.url), "utf8")),
);
// Slows down while EventBridge Scheduler throttles, and does not give up before it stops.
const client = new SchedulerClient({ retryMode: "adaptive", maxAttempts: 20 });
const log = createLog((line) => process.stdout.write(line), Date.now);

export const handler = createDeployHandler({ client, clock: Date.now, log }, manifest);
