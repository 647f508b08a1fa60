// What a step's trigger may say in tagrelay.yaml: each kind of trigger is one line here and one folder beside this file.
import * as z from "zod";
import { oneOf } from "../core/expectation.ts";
import { dockerhubSettings } from "./dockerhub/settings.ts";
import { githubSettings } from "./github/settings.ts";

export const triggerSettings = oneOf("a trigger: { dockerhub: … } or { github: … }", [
  z.strictObject({ dockerhub: dockerhubSettings }),
  z.strictObject({ github: githubSettings }),
]);

export type TriggerSettings = z.infer<typeof triggerSettings>;
