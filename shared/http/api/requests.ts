// The schemas of the API's requests. Routes parse with them, and openapi.ts describes them. Unlike answers.ts they are
// in the Lambda bundle, so they use the small zod.
import * as z from "zod/mini";

const parameterValue = /^[\w.+@:/-]{1,200}$/;
const wrongValue = "expected a value of letters, digits and . _ - + @ : / of at most 200 characters";

export const startRequest = z.strictObject({
  from: z.optional(z.string()).check(z.describe("The step to start at. Default: the whole pipeline.")),
  only: z
    .optional(z.literal("stale"))
    .check(z.describe("`stale` builds only what is stale, whatever the pipeline's `rebuild` says.")),
  parameters: z
    .optional(
      z.record(z.string().check(z.maxLength(40)), z.string().check(z.regex(parameterValue, wrongValue))),
    )
    .check(z.describe("Values of the pipeline's `parameters`, by name. Default: their defaults.")),
});
export type StartRequest = z.infer<typeof startRequest>;

export const listRequest = z.object({
  limit: z
    ._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 20)
    .check(z.describe("The maximum number of runs.")),
  next: z
    .optional(z.string().check(z.maxLength(200)))
    .check(z.describe("The `next` of the previous page, to continue the list.")),
});

export const staleRequest = z.object({
  pipeline: z.optional(z.string()).check(z.describe("Only the images of this pipeline. Default: all.")),
});
