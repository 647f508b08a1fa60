import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type GraphLayout,
  type GraphSizes,
  layOutGraph,
} from "../../../../shared/http/pages/lay-out-graph.ts";
import type { Node } from "../../../../shared/pipeline/graph.ts";

const sizes: GraphSizes = { boxWidth: 100, boxHeight: 40, layerGap: 30, boxGap: 10, passHeight: 8 };

/** Graphs as a configuration makes them: each node comes after some of the earlier ones. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 24 }), { maxLength: 4 }), { minLength: 1, maxLength: 25 })
  .map((rows) =>
    rows.map(
      (row, index): Node => ({
        name: `n${index}`,
        after: [...new Set(row.filter((other) => other < index).map((other) => `n${other}`))],
      }),
    ),
  );

function isInside({ x, y }: { x: number; y: number }, { width, height }: GraphLayout): boolean {
  return x >= 0 && x <= width && y >= 0 && y <= height;
}

test("every node has a box, and no two boxes overlap", () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const { boxes } = layOutGraph(nodes, sizes);
      expect(boxes.map(({ name }) => name)).toEqual(nodes.map(({ name }) => name));
      for (const [index, one] of boxes.entries()) {
        for (const other of boxes.slice(index + 1)) {
          const isApart =
            Math.abs(one.x - other.x) >= sizes.boxWidth || Math.abs(one.y - other.y) >= sizes.boxHeight;
          expect(isApart, `${one.name} and ${other.name}`).toBe(true);
        }
      }
    }),
  );
});

test("every edge goes from the right side of a box to the left side of a later one", () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const layout = layOutGraph(nodes, sizes);
      const boxes = new Map(layout.boxes.map((box) => [box.name, box]));
      expect(layout.edges).toHaveLength(nodes.flatMap(({ after }) => after).length);
      for (const { from, to, points } of layout.edges) {
        const begin = boxes.get(from);
        const end = boxes.get(to);
        if (begin === undefined || end === undefined) throw new Error("expected boxes at both ends");
        expect(points[0]).toEqual({ x: begin.x + sizes.boxWidth, y: begin.y + sizes.boxHeight / 2 });
        expect(points.at(-1)).toEqual({ x: end.x, y: end.y + sizes.boxHeight / 2 });
        for (const [index, point] of points.entries()) {
          expect(point.x).toBeGreaterThan(points[index - 1]?.x ?? -1);
          expect(isInside(point, layout)).toBe(true);
        }
      }
    }),
  );
});

test("an edge that passes through a layer does not touch its boxes", () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const { boxes, edges } = layOutGraph(nodes, sizes);
      for (const { points } of edges) {
        for (const { x, y } of points.slice(1, -1)) {
          const layer = boxes.filter((box) => x >= box.x && x <= box.x + sizes.boxWidth);
          expect(layer.every((box) => y < box.y || y > box.y + sizes.boxHeight)).toBe(true);
        }
      }
    }),
  );
});

test("a chain is a line, and parallel steps are centred on it", () => {
  const chain = layOutGraph(
    [
      { name: "a", after: [] },
      { name: "b", after: ["a"] },
      { name: "c", after: ["b"] },
    ],
    sizes,
  );
  expect(chain).toMatchObject({ width: 360, height: 40 });
  expect(chain.boxes.map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [130, 0],
    [260, 0],
  ]);
  const family = layOutGraph(
    [
      { name: "base", after: [] },
      { name: "api", after: ["base"] },
      { name: "web", after: ["base"] },
    ],
    sizes,
  );
  expect(family.boxes.map(({ y }) => y)).toEqual([25, 0, 50]);
});

test("an empty graph has no size", () => {
  expect(layOutGraph([], sizes)).toEqual({ width: 0, height: 0, boxes: [], edges: [] });
});
