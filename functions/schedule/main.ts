// The schedule function: starts a pipeline's run, or sweeps.
import { createLambdaRelay } from "../lambda-relay.ts";
import { createScheduleHandler } from "./handle-schedule.ts";

const { relay } = createLambdaRelay(new URL(".", import.meta.url), process.env);

export const handler = createScheduleHandler(relay);
