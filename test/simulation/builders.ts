// Simulated builders: they accept triggers, build, push images and report how builds ended.

import type { BuildEnd, BuildRequest } from "../../shared/kinds/builder.ts";
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Random } from "../random.ts";
import { createAnswered, unanswered, unsent } from "./answers.ts";
import { type BuilderApi, createBuilderApis, type RequestedBuild } from "./builder-apis.ts";
import type { Faults } from "./faults.ts";
import type { Timeline } from "./timeline.ts";

export type Builders = {
  /** Null if the request is not for a builder. */
  answer: (outgoing: Outgoing) => Answer | null;
  /** Stops a command. */
  stop: (build: Pick<BuildRequest, "runId" | "step" | "attempt">) => void;
  /** The machine loses power: its commands end without a report. */
  breakDown: () => void;
};

export type BuildersListener = {
  onTrigger: (image: string, builder: string) => void;
  onAccepted: (image: string) => void;
  push: (image: string, why: string, base: string | null) => void;
  /** What the build starts from, if that is at a registry with contents. */
  readBase: (build: RequestedBuild) => string | null;
  /** Whether a command without a push would be noticed, because the registry shows that nothing changed. */
  isVerified: (image: string) => boolean;
  /** A command built the image, whether or not that is reported. */
  onCommandDone: (build: RequestedBuild) => void;
  reportEnd: (build: RequestedBuild, end: BuildEnd) => void;
};

const minute = 60_000;
const hour = 60 * minute;

export function createBuilders(
  timeline: Timeline,
  random: Random,
  faults: Faults,
  listener: BuildersListener,
): Builders {
  const apis = createBuilderApis(faults, random, createAnswered(timeline.now), timeline.now);
  const pending = new Set<string>();
  /** The commands that are running. */
  const commands = new Set<RequestedBuild>();

  const reportEnd = (build: RequestedBuild, end: BuildEnd) => {
    if (faults.happens("end of a build is not reported")) return;
    const times = faults.happens("end of a build is reported twice") ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const late = faults.happens("end of a build is reported late") ? random.between(0, 2 * hour) : 0;
      timeline.after(late + random.between(10, 3_000), () => listener.reportEnd(build, end));
    }
  };

  const endBuild = (api: BuilderApi, build: RequestedBuild, base: string | null, hasFailed: boolean) => {
    if (api.ignoresWhilePending) pending.delete(build.image);
    // The command was stopped, or its machine lost power.
    if (api.reports === "decisiveEnds" && !commands.delete(build)) return;
    if (!hasFailed && api.reports === "decisiveEnds") listener.onCommandDone(build);
    // A command may succeed without a push.
    const mayNotPush = api.reports === "decisiveEnds" && !listener.isVerified(build.image);
    if (!hasFailed && (!mayNotPush || random.chance(0.7))) listener.push(build.image, "built", base);
    const end: BuildEnd = hasFailed ? { kind: "failed", reason: "the build failed" } : { kind: "succeeded" };
    if (api.reports !== "nothing") reportEnd(build, end);
  };

  const start = (api: BuilderApi, build: RequestedBuild) => {
    if (api.reports === "decisiveEnds") commands.add(build);
    if (faults.happens("build hangs")) return;
    const hasFailed = faults.happens("build fails");
    if (api.ignoresWhilePending && hasFailed) return;
    if (api.ignoresWhilePending) pending.add(build.image);
    const base = listener.readBase(build);
    const isLong = faults.happens("build takes five hours");
    // Some builds fail before the answer to their trigger arrives.
    const [shortest, longest] = random.pick([
      [10, 3_000],
      [2_000, minute],
      [2_000, 30 * minute],
    ]);
    const drawnMs = isLong ? 5 * hour : random.between(shortest, longest);
    // Building and pushing an image takes a while.
    const tookMs = hasFailed || api.reports === "decisiveEnds" ? drawnMs : Math.max(2_000, drawnMs);
    timeline.after(tookMs, () => endBuild(api, build, base, hasFailed));
  };

  const accept = (api: BuilderApi, build: RequestedBuild): Answer => {
    if (faults.happens("trigger cannot be sent")) return unsent;
    if (faults.happens("trigger is lost on the way")) return unanswered;
    listener.onTrigger(build.image, api.name);
    const refusal = api.refuse(pending.has(build.image));
    if (refusal !== null) return refusal;
    listener.onAccepted(build.image);
    if (faults.happens("trigger is accepted and ignored")) return api.accept();
    start(api, build);
    return faults.happens("trigger is accepted and its answer lost") ? unanswered : api.accept();
  };

  return {
    answer: (outgoing) => {
      for (const api of apis) {
        const build = api.read(outgoing);
        if (build !== null) return accept(api, build);
      }
      return null;
    },
    stop: ({ runId, step, attempt }) => {
      for (const command of commands) {
        const isMatch = command.runId === runId && command.step === step && command.attempt === attempt;
        if (!isMatch) continue;
        commands.delete(command);
        // A stopped command reports its end, too.
        reportEnd(command, { kind: "failed", reason: "stopped" });
      }
    },
    breakDown: () => commands.clear(),
  };
}
