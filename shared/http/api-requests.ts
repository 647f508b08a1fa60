// What the API takes, as schemas: the routes parse by them, and /api/openapi.json is made of them, as of the answers
// in api-answers.ts, which stay out of what runs on Lambda.
import * as z from "zod/mini";

export const startRequest = z.strictObject({
  from: z.optional(z.string()).check(z.describe("the step to start at; the whole pipeline unless told")),
});

export const listRequest = z.object({
  limit: z
    ._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 20)
    .check(z.describe("how many runs at most")),
  next: z.optional(z.string().check(z.maxLength(200))).check(z.describe("the `next` of the page before")),
});
