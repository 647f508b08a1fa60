// Random triggers. Each tells its builder what to build and how to identify the build in reports.
import type { Random } from "../random.ts";

/** A builder identifies its build by the first three in reports, and may build from the first base. */
const build = "{run} {step} {attempt} {base}";
const image = "{image}";

export const machineHost = "machine.example.org";

const triggers = {
  dockerhub: { dockerhub: { secret: "TOKEN" } },
  workflow: {
    github: {
      repository: "acme/images",
      workflow: "image.yml",
      inputs: { image, build },
      secret: "TOKEN",
    },
  },
  dispatch: {
    github: { repository: "acme/images", event: "build", payload: { image, build }, secret: "TOKEN" },
  },
  gitlab: { gitlab: { project: "acme/images", variables: { IMAGE: image, BUILD: build }, secret: "TOKEN" } },
  http: { http: { url: "https://ci.example.org/builds", body: { image, build } } },
  /** Stands for a command, which reports how it ended. */
  machine: { http: { url: `https://${machineHost}/commands`, body: { image, build } } },
} as const;

export type TriggerKind = keyof typeof triggers;
export type TriggerDocument = (typeof triggers)[TriggerKind];

const kinds = ["dockerhub", "dockerhub", "workflow", "dispatch", "gitlab", "http", "machine"] as const;

/** Half of the pipelines use a single kind. */
export function drawKind(random: Random): TriggerKind | null {
  return random.chance(0.5) ? random.pick(kinds) : null;
}

export function drawTrigger(random: Random, kind: TriggerKind | null, isPromoted: boolean): TriggerDocument {
  const drawn = kind ?? random.pick(kinds);
  return triggers[isPromoted && drawn === "dockerhub" ? "workflow" : drawn];
}
