import { describe, expect, test } from "vitest";
import { bakeFamilies } from "./bake-families.ts";
import { bakeMatrices } from "./bake-matrices.ts";
import { folderTrees } from "./folder-trees.ts";
import { makefileTrees } from "./makefile-trees.ts";
import { officialTrees } from "./official-trees.ts";
import { otherTrees } from "./other-trees.ts";
import { type Score, scoreOf } from "./tree.ts";
import { workflowTrees } from "./workflow-trees.ts";

const trees = [
  ...bakeFamilies,
  ...bakeMatrices,
  ...officialTrees,
  ...folderTrees,
  ...makefileTrees,
  ...workflowTrees,
  ...otherTrees,
];
const scores = new Map(trees.map((tree) => [tree.like, scoreOf(tree)]));

function printed(): string {
  const rows = [...scores].map(([like, score]) => line(like, score));
  const sum = (count: (score: Score) => number) =>
    [...scores.values()].reduce((total, score) => total + count(score), 0);
  const total = `${sum(({ found }) => found)} of ${sum(({ images }) => images)} images, ${sum(({ wrong }) => wrong.length)} wrong; ${sum(({ right }) => right)} of ${sum(({ edges }) => edges)} links, ${sum(({ falseEdges }) => falseEdges.length)} false; ${Math.round(sum(({ milliseconds }) => milliseconds))} ms`;
  return [...rows, `${String(trees.length).padEnd(40)} ${total}`].join("\n");
}

function line(like: string, { found, images, wrong, right, edges, falseEdges, problem }: Score): string {
  const result =
    problem ??
    `${found}/${images} images, ${wrong.length} wrong; ${right}/${edges} links, ${falseEdges.length} false`;
  return `${like.padEnd(40)} ${result}`;
}

describe("trees in the shape of public repositories", () => {
  test("are scored", () => {
    process.stdout.write(`${printed()}\n`);
    expect(trees.length).toBeGreaterThan(20);
  });

  test.each([...scores])("%s: every image and every link is found, and no other", (_like, score) => {
    const { wrong, missing, falseEdges, lost, problem } = score;
    expect({ wrong, missing, falseEdges, lost, problem }).toEqual({
      wrong: [],
      missing: [],
      falseEdges: [],
      lost: [],
      problem: null,
    });
  });
});
