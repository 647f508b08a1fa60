import { describe, expect, test } from "vitest";
import { emptyState, type PipelineState } from "../../../shared/run/state.ts";
import {
  type IndexEntries,
  indexEntriesOf,
  needsNewEntry,
  notIndexed,
} from "../../../shared/store/index-entries.ts";
import { dueAt, running, t0 } from "./stored-state.ts";

const minute = 60_000;
const hour = 60 * minute;
const due = (wakeAt: number) => dueAt("chain", wakeAt);
const building = (wakeAt: number) => running("chain", wakeAt);

describe("where the indexes have a pipeline", () => {
  test.each<[string, PipelineState, IndexEntries, IndexEntries]>([
    ["nothing is open", emptyState, { dueAt: t0, watchedAt: t0 + hour }, notIndexed],
    ["a build begins", building(t0 + hour), notIndexed, { dueAt: null, watchedAt: t0 + hour }],
    [
      "the next build begins: the entry of the first one stays",
      building(t0 + 2 * hour),
      { dueAt: t0, watchedAt: t0 + hour },
      { dueAt: null, watchedAt: t0 + hour },
    ],
    [
      "a step waits for its delay: the entry of the build before it stays",
      due(t0 + minute),
      { dueAt: null, watchedAt: t0 + hour },
      { dueAt: t0 + minute, watchedAt: t0 + hour },
    ],
    [
      "a build has an earlier end than the one before",
      building(t0 + minute),
      { dueAt: null, watchedAt: t0 + hour },
      { dueAt: null, watchedAt: t0 + minute },
    ],
    [
      "the sweep has come to the entry",
      building(t0 + hour),
      { dueAt: null, watchedAt: t0 },
      { dueAt: null, watchedAt: t0 + hour },
    ],
    [
      "the sweep claims a step",
      due(t0 + minute),
      { dueAt: t0, watchedAt: null },
      { dueAt: t0, watchedAt: null },
    ],
    [
      "a step is due much later",
      due(t0 + hour),
      { dueAt: t0, watchedAt: null },
      { dueAt: t0 + hour, watchedAt: null },
    ],
    [
      "an earlier version stored the entry of a build as due",
      building(t0 + hour),
      { dueAt: t0 + hour, watchedAt: null },
      { dueAt: null, watchedAt: t0 + hour },
    ],
  ])("%s", (_what, state, before, after) => {
    expect(indexEntriesOf(state, before, t0)).toEqual(after);
  });

  test.each<[string, PipelineState, number | null, boolean]>([
    ["there is none", building(t0 + hour), null, false],
    ["no sweep has come to it", building(t0 + hour), t0 + 1, false],
    ["the build is watched for another hour", building(t0 + hour), t0, true],
    ["it is only a little early", building(t0 + minute), t0, false],
    ["a step is about to be triggered", due(t0 + minute), t0, false],
    ["nothing is watched for a while", due(t0 + hour), t0, true],
  ])("an entry of what is watched has to be moved or not: %s", (_what, state, watchedAt, isToMove) => {
    expect(needsNewEntry(state, { dueAt: null, watchedAt }, t0)).toBe(isToMove);
  });
});
