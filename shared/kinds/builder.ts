// The port that every kind of builder implements: start one build, and report the outcome of the request.
import type { CallAws } from "../aws/call-aws.ts";
import type { Image } from "../image/image.ts";
import type { Parameters } from "../image/tag-parameters.ts";
import type { Origins } from "../outgoing/origins.ts";
import type { Send } from "../outgoing/send.ts";
import type { ReadSecret } from "./read-secret.ts";

/** The image of a step that comes before. */
export type PinnedBase = {
  step: string;
  /** `acme/base:1` */
  image: string;
  /** What it was pushed as; null if that is not known. */
  digest: string | null;
  /** `acme/base@sha256:…`, or its name if its digest is not known. */
  pinned: string;
  /** Whether the build comes right after it. */
  isDirect: boolean;
};

export type BuildRequest = {
  /** What it pushes; null for the job of a gate. */
  image: Image | null;
  /** Further tags that it pushes. */
  tags: readonly Image[];
  /** The parameters of the run. */
  parameters: Parameters;
  pipeline: string;
  step: string;
  runId: string;
  attempt: number;
  timeoutMs: number;
  /** All steps that come before. */
  bases: readonly PinnedBase[];
};

/** The builder's id for the build, and its page. */
export type BuildReference = {
  id: string;
  url: string | null;
  /** The address of the host that a command builds on, if it has several to choose from. */
  builder?: string | undefined;
};

/** `build` is null if the builder's answer does not name one. */
export type TriggerOutcome = { kind: "accepted"; build: BuildReference | null } | TriggerFailure;

export type TriggerFailure =
  /** Nothing was started; a retry may help. */
  | { kind: "refused"; reason: string; retryAfterMs: number | null }
  /** Nothing was started, and a retry will not help. */
  | { kind: "rejected"; reason: string }
  /** A build may have been started. */
  | { kind: "unknown"; reason: string };

/** How a build ended, as its builder reports it. */
export type BuildEnd = { kind: "succeeded" } | { kind: "failed"; reason: string };

/** What a builder says when it is asked how a build ended. */
export type BuildAnswer =
  | { kind: "ended"; end: BuildEnd }
  | { kind: "running" }
  | { kind: "unknown"; reason: string };

/** A command for the machine that runs the local program, with its placeholders filled in. */
export type Command = {
  /** A shell line, or a program and its arguments. */
  run: string | readonly string[];
  directory: string | null;
  environment: Readonly<Record<string, string>>;
  /** Secret values in the environment, to be masked in the output. */
  secrets: readonly string[];
  /** The hosts that it may build on, and the command for one of them. Missing if it has none to choose from. */
  hosts?: {
    builders: readonly BuilderHost[];
    commandOn: (builder: BuilderHost) => Command | TriggerFailure;
  };
};

/** A Docker or BuildKit host: `ssh://…`, `tcp://…` or `unix://…`. */
export type BuilderHost = { kind: "docker" | "buildkit"; url: string };

/** The machine that runs commands. */
export type Commands = {
  /** Starts a command; its end is reported later. */
  run: (command: Command, build: BuildRequest) => Promise<TriggerOutcome>;
  /** Stops the command, if it is still running. */
  stop: (build: Pick<BuildRequest, "runId" | "step" | "attempt">) => Promise<void>;
  /** The output of an attempt, or of the last one if `attempt` is null; null if there is none. */
  readOutput: (runId: string, step: string, attempt: number | null) => Promise<string | null>;
};

export type BuilderContext = {
  send: Send;
  origins: Origins;
  readSecret: ReadSecret;
  /** Null if commands cannot run here, as on AWS. */
  commands: Commands | null;
  /** Null or missing without credentials for AWS. */
  callAws?: CallAws | null;
  /** Stands for digests that are not known, in simulations. Without it, a build that needs one does not start. */
  standInDigest?: string;
  clock: () => number;
};

/** A trigger's request as a builder receives it, for the simulated builders of `npm start`. */
export type SimulatedRequest = { method: string; path: string; body: string };

/** The jobs that may report the end of a build: who signs their identity tokens, and what these have to say. */
export type JobIdentity = { issuer: string; claims: Readonly<Record<string, string>> };

/** How the simulated builder treats a step's trigger. */
export type Simulation = {
  /** The request that starts the build. */
  request: SimulatedRequest;
  status: number;
  text: string;
  /** The answer while the build is already under way, if that is another. */
  textWhilePending?: string;
};

/** What a kind of builder has to provide. The grammar of its settings is separate: it needs all of zod. */
export type BuilderKind<Settings> = {
  start: (settings: Settings, build: BuildRequest, context: BuilderContext) => Promise<TriggerOutcome>;
  /** Whether the same request, sent again, starts no second build. Then an unknown outcome is found out by repeating it. */
  isIdempotent?: true;
  /** Stops a build. Throws if it may go on. Missing if the builder cannot. */
  stop?: (settings: Settings, build: BuildReference, context: BuilderContext) => Promise<void>;
  /** Asks how builds ended, in case that is not reported. Missing if the builder cannot tell. */
  lookUp?: {
    /** Builds of the same place are asked about together; null if it is not a build of these settings. */
    placeOf: (settings: Settings, id: string) => string | null;
    /** One answer for each id. `settings` are those of any of the builds. Does not throw. */
    ask: (settings: Settings, ids: readonly string[], context: BuilderContext) => Promise<BuildAnswer[]>;
  };
  /** The names of the secrets it needs. */
  secretsOf: (settings: Settings) => string[];
  /** The origins it sends requests to, apart from those in outgoing/origins.ts. */
  originsOf: (settings: Settings) => string[];
  /** The project whose webhooks report the ends of builds; null if this builder sends none. */
  projectOf: (settings: Settings) => string | null;
  /** The identity of its own jobs; null if they have none. */
  identityOf: (settings: Settings) => JobIdentity | null;
  /** What `start` would send if every secret were `secret`; null if it sends nothing, like a command. */
  simulate: (settings: Settings, build: BuildRequest, secret: string) => Simulation | null;
  /** The placeholders whose values every build gets, whatever the settings say. Default: none. */
  passes?: readonly string[];
  /** What ends a step whose `done` is not set: the push of its tag, or the builder's own report. */
  endedBy: "push" | "builder";
  /** How many of its builds the local program's machine runs at once; null for builders elsewhere. */
  localLimitOf: (settings: Settings) => number | null;
};

/** How long a builder may take to answer. */
export const triggerTimeoutMs = 10_000;
