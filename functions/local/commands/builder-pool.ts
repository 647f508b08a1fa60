// Chooses the host that a command builds on: of those that answer, the one with the fewest commands. One that does not answer is
// left out for a while.
import { connect } from "node:net";
import type { BuilderHost } from "../../../shared/kinds/builder.ts";
import { type Base, codeOf } from "./command-files.ts";

export type Taken = { kind: "taken"; builder: BuilderHost } | { kind: "none"; reason: string };
export type BuilderPool = {
  /** Takes a host for a command, until it is released. */
  take: (base: Base, builders: readonly BuilderHost[]) => Promise<Taken>;
  /** Counts a command that is on a host already. */
  hold: (base: Base, url: string) => void;
  release: (base: Base) => void;
};

export type PoolOptions = { leaveOutMs?: number; connectMs?: number; clock?: () => number };

/** For how long a host that does not answer is not tried again, unless no other one answers. */
export const defaultLeaveOutMs = 30_000;
/** Two rounds of it are still far shorter than a trigger's time-out. */
const defaultConnectMs = 1_500;

export function createBuilderPool({
  leaveOutMs = defaultLeaveOutMs,
  connectMs = defaultConnectMs,
  clock = () => performance.now(),
}: PoolOptions = {}): BuilderPool {
  const held = new Map<Base, string>();
  const leftOutUntil = new Map<string, number>();
  const busyOf = ({ url }: BuilderHost) => [...held.values()].filter((one) => one === url).length;

  /** Those that answer, and why the others do not. */
  const look = async (builders: readonly BuilderHost[]) => {
    const looks = await Promise.all(
      builders.map(async (builder) => ({ builder, reason: await problemWith(builder, connectMs) })),
    );
    for (const { builder, reason } of looks) {
      if (reason === null) leftOutUntil.delete(builder.url);
      else leftOutUntil.set(builder.url, clock() + leaveOutMs);
    }
    return {
      alive: looks.flatMap(({ builder, reason }) => (reason === null ? builder : [])),
      reasons: looks.flatMap(({ builder, reason }) => (reason === null ? [] : `${builder.url} (${reason})`)),
    };
  };

  return {
    take: async (base, builders) => {
      const isLeftOut = ({ url }: BuilderHost) => (leftOutUntil.get(url) ?? 0) > clock();
      const leftOut = builders.filter(isLeftOut);
      const first = await look(builders.filter((builder) => !leftOut.includes(builder)));
      const { alive, reasons } = first.alive.length > 0 ? first : merge(first, await look(leftOut));
      // Nothing is awaited from here on, so that two commands do not both find a host idle.
      const [least] = alive.toSorted((one, other) => busyOf(one) - busyOf(other));
      if (least === undefined) {
        return { kind: "none", reason: `expected a builder that answers, found none: ${reasons.join(", ")}` };
      }
      held.set(base, least.url);
      return { kind: "taken", builder: least };
    },
    hold: (base, url) => void held.set(base, url),
    release: (base) => void held.delete(base),
  };
}

type Look = { alive: BuilderHost[]; reasons: string[] };

function merge(one: Look, other: Look): Look {
  return { alive: [...one.alive, ...other.alive], reasons: [...one.reasons, ...other.reasons] };
}

/** Null if somebody listens there. */
function problemWith(builder: BuilderHost, connectMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(placeOf(builder));
    const answer = (problem: string | null) => {
      resolve(problem);
      socket.destroy();
    };
    socket.setTimeout(connectMs, () => answer(`no answer within ${connectMs} ms`));
    socket.once("connect", () => answer(null));
    socket.on("error", (error) => answer(codeOf(error)));
  });
}

const ports = { docker: 2375, buildkit: 1234 };

function placeOf({ kind, url }: BuilderHost): { path: string } | { host: string; port: number } {
  const { protocol, pathname, hostname, port } = new URL(url);
  if (protocol === "unix:") return { path: decodeURIComponent(pathname) };
  const usual = protocol === "ssh:" ? 22 : ports[kind];
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? usual : Number(port) };
}
