// What truly happened, as the stand-in Docker Hub saw it, whatever the program believes.
import type { Fault } from "./faults.ts";

export type Build =
  | { kind: "underWay" }
  | { kind: "pushed"; at: number }
  /** Taken, and never built: nobody is told. */
  | { kind: "failed" }
  /** A build of the same tag was pending. */
  | { kind: "ignored" };

export type Trigger = {
  image: string;
  /** When the program's bytes came to the proxy, and when they came to the Hub. */
  sentAt: number;
  receivedAt: number;
  fault: Fault;
  /** Sent by the proxy, not by the program. */
  isCopy: boolean;
  /** Which life of the program sent it. */
  life: number;
  build: Build;
};

/** A question to the tag API, or a trigger that was cut before it came to the Hub. */
export type Asked = { image: string; at: number; fault: Fault };

export type Truth = {
  triggers: readonly Trigger[];
  lookUps: readonly Asked[];
  cutTriggers: readonly Asked[];
  /** The instants at which each image was pushed. */
  pushes: ReadonlyMap<string, readonly number[]>;
  /** The instants of the kills. */
  kills: readonly number[];
  /** Whether this life's log says, after the instant, that the step's trigger is known to have been accepted. */
  saidAccepted: (life: number, runId: string, step: string, sinceMs: number) => boolean;
};
