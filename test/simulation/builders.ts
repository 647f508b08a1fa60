// Simulated builders: they are asked to build, do or do not, push what they have built, and tell how it has ended.
import type { BuildEnd } from "../../shared/core/event.ts";
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Build } from "../../shared/triggers/trigger.ts";
import type { Random } from "../random.ts";
import { createAnswered, unanswered, unsent } from "./answers.ts";
import { type Asked, type BuilderApi, createBuilderApis } from "./builder-apis.ts";
import type { Faults } from "./faults.ts";
import type { Timeline } from "./timeline.ts";

export type Builders = {
  /** Null where no builder is asked. */
  answer: (outgoing: Outgoing) => Answer | null;
  /** Stops a command of the machine. */
  stop: (build: Pick<Build, "runId" | "step" | "attempt">) => void;
  /** The machine is switched off: nobody will ever hear of what it was doing. */
  breakDown: () => void;
};

export type BuildersListener = {
  onTrigger: (image: string, builder: string) => void;
  onAccepted: (image: string) => void;
  push: (image: string, why: string) => void;
  /** The machine has built it, whether or not anyone is told. */
  onCommandDone: (build: Asked) => void;
  tellEnd: (build: Asked, end: BuildEnd) => void;
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
  /** The machine's commands that are running. */
  const commands = new Set<Asked>();

  const tellEnd = (asked: Asked, end: BuildEnd) => {
    if (faults.happens("end of a build is not told")) return;
    const times = faults.happens("end of a build is told twice") ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const late = faults.happens("end of a build is told late") ? random.between(0, 2 * hour) : 0;
      timeline.after(late + random.between(10, 3_000), () => listener.tellEnd(asked, end));
    }
  };

  const endBuild = (api: BuilderApi, asked: Asked, hasFailed: boolean) => {
    if (api.isOneByOne) pending.delete(asked.image);
    // It was stopped, or is gone with its machine.
    if (api.tells === "alone" && !commands.delete(asked)) return;
    if (!hasFailed && api.tells === "alone") listener.onCommandDone(asked);
    // Commands need not push anything.
    if (!hasFailed && (api.tells !== "alone" || random.chance(0.7))) listener.push(asked.image, "built");
    const end: BuildEnd = hasFailed ? { kind: "failed", reason: "the build failed" } : { kind: "succeeded" };
    if (api.tells !== "nothing") tellEnd(asked, end);
  };

  const begin = (api: BuilderApi, asked: Asked) => {
    if (api.tells === "alone") commands.add(asked);
    if (faults.happens("build hangs")) return;
    const hasFailed = faults.happens("build fails");
    if (api.isOneByOne && hasFailed) return;
    if (api.isOneByOne) pending.add(asked.image);
    const isLong = faults.happens("build takes five hours");
    // Some fail before it is even known that they were begun.
    const [shortest, longest] = random.pick([
      [10, 3_000],
      [2_000, minute],
      [2_000, 30 * minute],
    ]);
    const drawnMs = isLong ? 5 * hour : random.between(shortest, longest);
    // No image is built and pushed in an instant.
    const tookMs = hasFailed || api.tells === "alone" ? drawnMs : Math.max(2_000, drawnMs);
    timeline.after(tookMs, () => endBuild(api, asked, hasFailed));
  };

  const take = (api: BuilderApi, asked: Asked): Answer => {
    if (faults.happens("trigger cannot be sent")) return unsent;
    if (faults.happens("trigger is lost on the way")) return unanswered;
    listener.onTrigger(asked.image, api.name);
    const refusal = api.refuse(pending.has(asked.image));
    if (refusal !== null) return refusal;
    listener.onAccepted(asked.image);
    if (faults.happens("trigger is accepted and ignored")) return api.accept();
    begin(api, asked);
    return faults.happens("trigger is accepted and its answer lost") ? unanswered : api.accept();
  };

  return {
    answer: (outgoing) => {
      for (const api of apis) {
        const asked = api.read(outgoing);
        if (asked !== null) return take(api, asked);
      }
      return null;
    },
    stop: ({ runId, step, attempt }) => {
      for (const command of commands) {
        const isMeant = command.runId === runId && command.step === step && command.attempt === attempt;
        if (!isMeant) continue;
        commands.delete(command);
        // What was stopped has an end, too.
        tellEnd(command, { kind: "failed", reason: "stopped" });
      }
    },
    breakDown: () => commands.clear(),
  };
}
