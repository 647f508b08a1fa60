// The schedules of a large installation, as the stack's asset lists them: a stack cannot have a resource for each.
import * as z from "zod/mini";

export const manifestFile = "schedules.json";

const scheduleSchema = z.object({
  name: z.string(),
  description: z.string(),
  expression: z.string(),
  timezone: z.string(),
  /** The instant of a single start; null for other expressions. */
  startAt: z.nullable(z.number()),
  /** The event that the schedule function receives. */
  input: z.record(z.string(), z.union([z.string(), z.number()])),
  retryAttempts: z.number(),
  maxEventAgeSeconds: z.number(),
});
export type DeployedSchedule = z.infer<typeof scheduleSchema>;

export const manifestSchema = z.object({
  /** Of the schedules: a request that names another one comes from another version of the stack. */
  digest: z.string(),
  schedules: z.array(scheduleSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;
