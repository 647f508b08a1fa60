import { describe, expect, test } from "vitest";
import { bakeTrees } from "./bake-trees.ts";
import { buildTrees } from "./build-trees.ts";
import { fromTrees } from "./from-trees.ts";
import { type Score, scoreOf } from "./tree.ts";

const trees = [...bakeTrees, ...fromTrees, ...buildTrees];
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
      ...{ wrong: [], missing: [], falseEdges: [], lost: [] },
      problem: null,
    });
  });
});
