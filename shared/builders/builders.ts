// The kinds of builder by name. Each function here passes a trigger to its kind.
import type {
  BuildAnswer,
  BuilderContext,
  BuilderKind,
  BuildReference,
  BuildRequest,
  JobIdentity,
  Simulation,
  TriggerOutcome,
} from "../kinds/builder.ts";
import { approval } from "./approval.ts";
import { codebuild } from "./codebuild/start.ts";
import { command } from "./command/start.ts";
import { dockerhub } from "./dockerhub/start.ts";
import { github } from "./github/start.ts";
import { gitlab } from "./gitlab/start.ts";
import { http } from "./http/start.ts";
import { digestStepOf, placeholdersIn } from "./placeholders.ts";
import type { BuilderName, TriggerSettings } from "./settings.ts";

const kinds: { readonly [Name in BuilderName]: BuilderKind<TriggerSettings<Name>> } = {
  dockerhub,
  github,
  gitlab,
  http,
  command,
  codebuild,
  approval,
};

function kindOf<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
): BuilderKind<TriggerSettings<Name>> {
  return kinds[settings.kind];
}

/** Requests a build from the trigger's builder. */
export async function startBuild<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
  build: BuildRequest,
  context: BuilderContext,
): Promise<TriggerOutcome> {
  const needed = digestStepsOfTrigger(settings);
  const unknown = build.bases.find(({ step, digest }) => digest === null && needed.includes(step));
  if (unknown === undefined) return kindOf(settings).start(settings, build, context);
  const { standInDigest: digest } = context;
  if (digest === undefined) {
    const reason = `the digest of step ${JSON.stringify(unknown.step)}, which the trigger needs, is not known: its registry could not be read`;
    return { kind: "rejected", reason };
  }
  const bases = build.bases.map((base) => (base.digest === null ? { ...base, digest } : base));
  return kindOf(settings).start(settings, { ...build, bases }, context);
}

/** Whether the same request, sent again, starts no second build. */
export function isIdempotent<Name extends BuilderName>(settings: TriggerSettings<Name>): boolean {
  return kindOf(settings).isIdempotent === true;
}

/** Stops a build that nobody waits for. Not every builder can. */
export async function stopBuild<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
  build: BuildReference,
  context: BuilderContext,
): Promise<void> {
  await kindOf(settings).stop?.(settings, build, context);
}

/** Whether the builder can be asked how its builds ended. */
export function canLookUp<Name extends BuilderName>(settings: TriggerSettings<Name>): boolean {
  return kindOf(settings).lookUp !== undefined;
}

export type AskedBuild<Name extends BuilderName = BuilderName> = {
  settings: TriggerSettings<Name>;
  id: string;
};

/** Asks as few times as possible. One answer for each build, in their order. */
export async function lookUpBuilds(
  asked: readonly AskedBuild[],
  context: BuilderContext,
): Promise<BuildAnswer[]> {
  const answers = new Map<AskedBuild, BuildAnswer>();
  for (const [place, builds] of Map.groupBy(asked, placeOf)) {
    const [first] = builds;
    if (place === null || first === undefined) continue;
    const found = await lookUpTogether(
      first.settings,
      builds.map(({ id }) => id),
      context,
    );
    for (const [index, build] of builds.entries()) answers.set(build, found[index] ?? unanswered);
  }
  return asked.map((build) => answers.get(build) ?? unanswered);
}

const unanswered: BuildAnswer = { kind: "unknown", reason: "it is not a build of this trigger" };

function placeOf<Name extends BuilderName>({ settings, id }: AskedBuild<Name>): string | null {
  const place = kindOf(settings).lookUp?.placeOf(settings, id) ?? null;
  return place === null ? null : `${settings.kind} ${place}`;
}

async function lookUpTogether<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
  ids: readonly string[],
  context: BuilderContext,
): Promise<BuildAnswer[]> {
  return (await kindOf(settings).lookUp?.ask(settings, ids, context)) ?? [];
}

/** The placeholders whose values the build gets: those in the trigger's texts, and those that its kind always passes. */
export function placeholdersPassedTo<Name extends BuilderName>(settings: TriggerSettings<Name>): string[] {
  return [...placeholdersOfTrigger(settings), ...(kindOf(settings).passes ?? [])];
}

/** The placeholders in the trigger's texts, without their braces. */
export function placeholdersOfTrigger(settings: TriggerSettings): string[] {
  return [...new Set(textsIn(settings).flatMap(placeholdersIn))];
}

/** The steps whose digests the trigger's texts contain, as {digest:STEP}. */
export function digestStepsOfTrigger(settings: TriggerSettings): string[] {
  return [
    ...new Set(placeholdersOfTrigger(settings).flatMap((placeholder) => digestStepOf(placeholder) ?? [])),
  ];
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

export function secretsOfTrigger<Name extends BuilderName>(settings: TriggerSettings<Name>): string[] {
  return kindOf(settings).secretsOf(settings);
}

/** The project whose webhooks report the ends of the trigger's builds, as `github acme/web`; null if there is none. */
export function projectOfTrigger<Name extends BuilderName>(settings: TriggerSettings<Name>): string | null {
  const project = kindOf(settings).projectOf(settings);
  return project === null ? null : projectKey(settings.kind, project);
}

/** In lower case: neither GitHub nor GitLab distinguishes case in the names of projects. */
export function projectKey(builder: BuilderName, project: string): string {
  return `${builder} ${project.toLowerCase()}`;
}

export function simulateTrigger<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
  build: BuildRequest,
  secret: string,
): Simulation | null {
  return kindOf(settings).simulate(settings, build, secret);
}

/** What ends a step with this trigger: the push of its tag, or the builder's own report. */
export function endOfTrigger<Name extends BuilderName>(settings: TriggerSettings<Name>): "push" | "builder" {
  return kindOf(settings).endedBy;
}

/** How many such builds the local program's machine runs at once; null if they run elsewhere. */
export function localLimitOfTrigger<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
): number | null {
  return kindOf(settings).localLimitOf(settings);
}

/** The identity of the jobs that the trigger starts; null if they have none. */
export function identityOfTrigger<Name extends BuilderName>(
  settings: TriggerSettings<Name>,
): JobIdentity | null {
  return kindOf(settings).identityOf(settings);
}

function originsOfTrigger<Name extends BuilderName>(settings: TriggerSettings<Name>): string[] {
  return kindOf(settings).originsOf(settings);
}

/** The origins that the steps' triggers send requests to, apart from those in outgoing/origins.ts. */
export function originsOfTriggers(
  pipelines: readonly { steps: readonly { trigger: TriggerSettings }[] }[],
): string[] {
  const triggers = pipelines.flatMap(({ steps }) => steps.map(({ trigger }) => trigger));
  return [...new Set(triggers.flatMap((trigger) => originsOfTrigger(trigger)))];
}
