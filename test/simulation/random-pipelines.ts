// Random pipelines: chains, stages and graphs across several repositories, and how redeploys change them.
import { compileConfig } from "../../shared/config/compile.ts";
import type { Pipeline, Step } from "../../shared/pipeline/pipeline.ts";
import type { Random } from "../random.ts";
import { channel, subscription } from "./channel.ts";
import {
  drawKind,
  drawTrigger,
  machineHost,
  type TriggerDocument,
  type TriggerKind,
} from "./random-triggers.ts";
import { silentRegistry, tellingRegistry } from "./registry.ts";

type StepDocument = {
  image: string;
  after: string[];
  gate?: never;
  timeout: string;
  delay: string;
  retries: number;
  trigger: TriggerDocument;
  account?: string;
  upstream?: string[];
};
type GateDocument = { gate: true; after: string[] };
/** Where the images of a pipeline are. */
type Registries = "Docker Hub" | "mixed" | "others";
export type PipelineDocument = {
  steps: Record<string, StepDocument | GateDocument>;
  confirm: "hub" | "auto" | "webhook";
  maxParallel: number;
  after: string[];
  upstreamPlatforms?: string[];
  verify?: "required" | "off";
  rebuild?: "stale";
  promote?: "together";
  onPush: "propagate" | "ignore";
  overlap: "skip" | "restart";
};
export type Accounts = Readonly<Record<string, { maxParallel: number }>>;
export type Documents = {
  pipelines: ReadonlyMap<string, PipelineDocument>;
  accounts: Accounts;
  /** Whether the pipelines notify the channel. */
  hasChannel: boolean;
};

/** Images that other people build. */
export const upstreams = ["library/debian:12", "library/node:24"] as const;

/** `isReadable` if registries other than Docker Hub answer look-ups. */
export function drawDocuments(
  random: Random,
  confirm: PipelineDocument["confirm"],
  isReadable: boolean,
): Documents {
  const accounts = drawAccounts(random.split("accounts"));
  const hasChannel = random.split("channels").chance(0.25);
  const isLimited = Object.keys(accounts).length > 0;
  const names = isLimited
    ? random.pick([["alpha", "beta"], ["alpha", "beta", "gamma"], ["alpha"]])
    : random.pick([["alpha"], ["alpha"], ["alpha", "beta"]]);
  const pipelines = names.map(
    (name) => [name, drawPipeline(random, name, { confirm, isReadable, accounts })] as const,
  );
  return { pipelines: new Map(pipelines), accounts, hasChannel };
}

function drawAccounts(random: Random): Accounts {
  if (random.chance(0.5)) return {};
  const maxParallel = () => random.pick([1, 1, 2, 3]);
  const acme = { maxParallel: maxParallel() };
  return random.chance(0.7) ? { acme } : { acme, other: { maxParallel: maxParallel() } };
}

function drawPipeline(
  random: Random,
  name: string,
  {
    confirm,
    isReadable,
    accounts,
  }: Pick<PipelineDocument, "confirm"> & {
    isReadable: boolean;
    accounts: Accounts;
  },
): PipelineDocument {
  const size = random.pick([1, 2, 2, 3, 3, 4, 5, 6]);
  const shape = random.pick<"chain" | "stages" | "graph">(["chain", "stages", "graph"]);
  const kind = drawKind(random.split(`kind ${name}`));
  const registries = drawRegistries(random.split(`registries ${name}`));
  const platforms = random.split(`platforms ${name}`).pick([[], [], ["linux/amd64"], ["linux/arm64"]]);
  const verify = drawVerify(random.split(`verify ${name}`), confirm, registries);
  const isProven = verify === "required";
  const isPromoted = drawPromotion(random.split(`promote ${name}`), confirm, isReadable, registries);
  const steps: PipelineDocument["steps"] = {};
  for (let index = 0; index < size; index += 1) {
    const before = Object.keys(steps);
    const drawn = drawAfter(random, shape, before);
    const after = isProven ? drawn.slice(-1) : drawn;
    const place = { after, kind, accounts, registries, isProven, isPromoted };
    steps[`s${index}`] = drawStep(random, name, index, place);
  }
  const gates = random.split(`gates ${name}`);
  if (isPromoted && gates.chance(0.5)) steps.gate = { gate: true, after: [`s${gates.integer(0, size - 1)}`] };
  return {
    steps,
    confirm,
    ...(verify === null ? {} : { verify }),
    ...(isPromoted ? { promote: "together" } : {}),
    ...(random.split(`rebuild ${name}`).chance(0.4) ? { rebuild: "stale" } : {}),
    ...(platforms.length === 0 ? {} : { upstreamPlatforms: platforms }),
    after: name !== "alpha" && random.split(`after ${name}`).chance(0.5) ? ["alpha"] : [],
    maxParallel: random.split(`parallel ${name}`).pick([1, 2, 1_000]),
    onPush: random.pick(["propagate", "propagate", "ignore"]),
    overlap: random.pick(["skip", "restart"]),
  };
}

/** An image stands on one base only, and Docker Hub shows nothing here. */
function drawVerify(
  random: Random,
  confirm: PipelineDocument["confirm"],
  registries: Registries,
): NonNullable<PipelineDocument["verify"]> | null {
  if (confirm === "hub" && registries === "others" && random.chance(0.7)) return "required";
  return random.chance(0.1) ? "off" : null;
}

/** All tags have to be at registries that can be read. */
function drawPromotion(
  random: Random,
  confirm: PipelineDocument["confirm"],
  isReadable: boolean,
  registries: Registries,
): boolean {
  return confirm !== "webhook" && isReadable && registries === "others" && random.chance(0.5);
}

type Place = {
  after: string[];
  kind: TriggerKind | null;
  accounts: Accounts;
  registries: Registries;
  /** Every base has to be proven, and those of other people have no layers here. */
  isProven: boolean;
  /** Docker Hub builds no candidates. */
  isPromoted: boolean;
};

function drawStep(
  random: Random,
  pipeline: string,
  index: number,
  { after, kind, accounts, registries, isProven, isPromoted }: Place,
): StepDocument {
  const own = random.split(`step ${pipeline} ${index}`);
  return {
    image: `${drawHost(own.split("host"), registries)}acme/${random.pick([pipeline, `${pipeline}-other`])}:t${index}`,
    after,
    timeout: random.pick(["1h", "5h"]),
    delay: random.pick(["0s", "0s", "100s"]),
    retries: random.pick([0, 1, 1, 2]),
    trigger: drawTrigger(own, kind, isPromoted),
    ...drawAccount(own, accounts),
    ...(own.chance(0.4) && !isProven ? { upstream: [own.pick(upstreams)] } : {}),
  };
}

function drawRegistries(random: Random): Registries {
  return random.pick(["Docker Hub", "mixed", "others"]);
}

function drawHost(random: Random, registries: Registries): string {
  if (registries === "Docker Hub" || (registries === "mixed" && random.chance(0.5))) return "";
  return `${random.pick([tellingRegistry, silentRegistry])}/`;
}

/** Without an account, a step that Docker Hub builds uses the account of the image's namespace. */
function drawAccount(random: Random, accounts: Accounts): { account?: string } {
  const [first, ...rest] = Object.keys(accounts);
  if (first === undefined || random.chance(0.3)) return {};
  return { account: random.pick([first, first, ...rest]) };
}

function drawAfter(random: Random, shape: "chain" | "stages" | "graph", before: string[]): string[] {
  if (shape === "chain") return before.slice(-1);
  if (shape === "stages") return before.slice(0, Math.max(0, before.length - random.integer(0, 2)));
  return before.filter(() => random.next() < 0.4);
}

/** Adds, removes and reorders steps, and changes their builders, images and accounts. */
export function redraw(
  random: Random,
  { pipelines, accounts, hasChannel }: Documents,
  deployment: number,
): Omit<Documents, "pipelines"> & { pipelines: Map<string, PipelineDocument> } {
  const limits = random.split(`limits ${deployment}`);
  const redrawn = Object.entries(accounts).map(([name, { maxParallel }]) => {
    return [name, { maxParallel: limits.chance(0.1) ? limits.integer(1, 3) : maxParallel }] as const;
  });
  return {
    hasChannel,
    accounts: Object.fromEntries(redrawn),
    pipelines: new Map(
      [...pipelines].map(([name, document]) => [
        name,
        redrawPipeline(random, name, document, deployment, accounts),
      ]),
    ),
  };
}

function redrawPipeline(
  random: Random,
  name: string,
  document: PipelineDocument,
  deployment: number,
  accounts: Accounts,
): PipelineDocument {
  const entries = Object.entries(document.steps);
  const kept = entries.filter(() => random.next() < 0.7).sort(() => random.next() - 0.5);
  const added = `n${deployment}`;
  const isProven = document.verify === "required";
  const isPromoted = document.promote === "together";
  const step = drawStep(random, name, 100 + deployment, {
    after: [],
    kind: null,
    accounts,
    isProven,
    isPromoted,
    registries:
      isProven || isPromoted ? "others" : drawRegistries(random.split(`registries ${name} ${deployment}`)),
  });
  const drawn = random.next() < 0.5 || kept.length === 0 ? [...kept, [added, step] as const] : kept;
  const names: string[] = [];
  const steps = drawn.map(([stepName, rest]) => {
    const others = names.filter(() => random.next() < 0.4);
    const after = isProven ? others.slice(-1) : others;
    names.push(stepName);
    const own = random.split(`redrawn ${name} ${stepName} ${deployment}`);
    if (rest.gate === true) return [stepName, { ...rest, after }];
    return [stepName, { ...redrawStep(own, rest, deployment, accounts, isPromoted), after }];
  });
  return { ...document, steps: Object.fromEntries(steps) };
}

function redrawStep(
  random: Random,
  { account, ...rest }: StepDocument,
  deployment: number,
  accounts: Accounts,
  isPromoted: boolean,
): StepDocument {
  const trigger = random.chance(0.1) ? drawTrigger(random, null, isPromoted) : rest.trigger;
  const image = random.chance(0.1) ? `${rest.image}-${deployment}` : rest.image;
  const kept = account === undefined ? {} : { account };
  return { ...rest, image, trigger, ...(random.chance(0.1) ? drawAccount(random, accounts) : kept) };
}

export function compile({ pipelines, accounts, hasChannel }: Documents): Pipeline[] {
  const config = compileConfig({
    ...(hasChannel ? { channels: { [channel.name]: subscription } } : {}),
    pipelines: Object.fromEntries(pipelines),
    ...(Object.keys(accounts).length === 0 ? {} : { accounts }),
  });
  return config.pipelines.map((pipeline) => ({ ...pipeline, steps: pipeline.steps.map(endByBuilder) }));
}

/** Makes the steps of `machineHost` end like those of commands. */
function endByBuilder(step: Step): Step {
  const isCommand = step.trigger.kind === "http" && new URL(step.trigger.url).host === machineHost;
  return isCommand ? { ...step, endedBy: "builder" } : step;
}
