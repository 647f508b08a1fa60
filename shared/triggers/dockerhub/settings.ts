// What `trigger: { dockerhub: … }` may say.
import * as z from "zod";
import { secretName, text } from "../../core/forms.ts";

const sourceName = text("the name of a branch or tag of the source", /^\S+$/);

export const dockerhubSettings = z
  .strictObject({
    secret: secretName,
    branch: sourceName.optional(),
    tag: sourceName.optional(),
    all: z.literal(true).optional(),
  })
  .refine(({ branch, tag, all }) => [branch, tag, all].filter((choice) => choice !== undefined).length <= 1, {
    error: 'expected one of "branch", "tag" and "all", found more',
  });

export type DockerhubSettings = z.infer<typeof dockerhubSettings>;
