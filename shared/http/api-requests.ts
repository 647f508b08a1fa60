// What the API takes, as schemas: the routes parse by them, and /api/openapi.json is made of them, as of the answers
// in api-answers.ts, which stay out of what runs on Lambda.
import * as z from "zod";

export const startRequest = z.strictObject({
  from: z.string().optional().describe("the step to start at; the whole pipeline unless told"),
});

export const listRequest = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe("how many runs at most"),
  next: z.string().max(200).optional().describe("the `next` of the page before"),
});
