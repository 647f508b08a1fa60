// What really happened, as the proxy and the stand-in for Docker Hub saw it.
import type { Fault } from "./faults.ts";

export type Build =
  | { kind: "underWay" }
  | { kind: "pushed"; at: number }
  /** Accepted but never built; nothing reports it. */
  | { kind: "failed" }
  /** A build of the same tag was pending. */
  | { kind: "ignored" };

export type Trigger = {
  image: string;
  /** When the trigger reached the proxy, and when it reached Docker Hub. */
  sentAt: number;
  receivedAt: number;
  fault: Fault;
  /** Sent by the proxy as a duplicate. */
  isCopy: boolean;
  /** The start of the program that sent it. */
  life: number;
  build: Build;
};

/** A look-up, or a trigger that was cut before it reached Docker Hub. */
export type SeenRequest = { image: string; at: number; fault: Fault };

export type Truth = {
  triggers: readonly Trigger[];
  lookUps: readonly SeenRequest[];
  cutTriggers: readonly SeenRequest[];
  /** The instants at which each image was pushed. */
  pushes: ReadonlyMap<string, readonly number[]>;
  /** The instants of the kills. */
  kills: readonly number[];
  /** True if this life logged, since the instant, that the step's trigger was accepted. */
  wasLoggedAsAccepted: (life: number, runId: string, step: string, sinceMs: number) => boolean;
};
