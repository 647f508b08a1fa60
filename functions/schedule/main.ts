// The schedule function: starts a pipeline's run, looks at its upstreams, or sweeps.
import { createLambdaRelay } from "../lambda-relay.ts";
import { createScheduleHandler } from "./handle-schedule.ts";

const { relay, lookUpDigest } = createLambdaRelay(new URL(".", import.meta.url), process.env);

export const handler = createScheduleHandler(relay, lookUpDigest);
