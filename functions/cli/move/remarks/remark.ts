// A remark on what became of the settings of a Docker Hub repository, in Markdown.
import type { HubBuild, Unread } from "../hub-builds.ts";
import type { HubSource } from "../hub-source.ts";
import type { MoveKind } from "../move-kinds.ts";
import type { PlannedBuild } from "../plan-move.ts";

/** A to-do has to be decided or done by a person. */
export type Remark = { text: string; isToDo: boolean };
export type UnknownPlatforms = Remark & { reason: string };

export type Moved = {
  source: HubSource;
  builds: readonly HubBuild[];
  planned: readonly PlannedBuild[];
  unread: readonly Unread[];
  /** Whether pushes to its repository start runs of its pipelines. */
  hasPipelineSource: boolean;
  kind: MoveKind;
  /** Why the platforms of an image were not found, by the image. */
  unknownPlatforms: ReadonlyMap<string, UnknownPlatforms>;
};

export const info = (text: string): Remark => ({ text, isToDo: false });
export const toDo = (text: string): Remark => ({ text, isToDo: true });
export const some = (remark: Remark, condition: boolean): Remark[] => (condition ? [remark] : []);

/** What it contains comes from outside. */
export const code = (text: string) => `\`${text.replace(/[`\r\n]+/g, " ")}\``;
export const list = (texts: readonly string[]) => texts.map(code).join(", ");
export const oneLine = (text: string) => text.replace(/[\r\n]+/g, " ");
