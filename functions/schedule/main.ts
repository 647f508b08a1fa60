// The schedule function: starts scheduled runs, checks upstreams and sweeps.
import { createLambdaRelay } from "../lambda-relay.ts";
import { createScheduleHandler } from "./handle-schedule.ts";

const { relay, lookUpDigest } = createLambdaRelay(new URL(".", import.meta.url), process.env);

export const handler = createScheduleHandler(relay, lookUpDigest);
