// Places the steps of a graph: boxes in layers from left to right, and edges that pass between boxes, never over one.
import type { Node } from "../../core/graph.ts";

export type Point = { x: number; y: number };
export type Box = { name: string; layer: number; x: number; y: number };
/** Its points lie ever further to the right: out of a box, through the layers between, into a box. */
export type Edge = { from: string; to: string; points: Point[] };
export type GraphLayout = { width: number; height: number; boxes: Box[]; edges: Edge[] };

export type GraphSizes = {
  boxWidth: number;
  boxHeight: number;
  /** Between two layers, where edges turn. */
  layerGap: number;
  /** Between two boxes of a layer. */
  boxGap: number;
  /** What an edge takes that passes a layer. */
  passHeight: number;
};

/** A box, or the place where the edges of an earlier one pass through the layer. */
type Slot = { key: string; isBox: boolean; before: string[] };

const sweeps = 4;

/** The nodes are in order: each stands after all that it comes after. */
export function layOutGraph(nodes: readonly Node[], sizes: GraphSizes): GraphLayout {
  const layerOf = layers(nodes);
  const slots = placeSlots(nodes, layerOf);
  untangle(slots);
  const heightOf = ({ isBox }: Slot) => (isBox ? sizes.boxHeight : sizes.passHeight);
  const heights = slots.map((layer) =>
    layer.reduce((sum, slot) => sum + heightOf(slot) + sizes.boxGap, -sizes.boxGap),
  );
  const height = Math.max(0, ...heights);

  const tops = new Map<string, number>();
  slots.forEach((layer, index) => {
    let y = (height - (heights[index] ?? 0)) / 2;
    for (const slot of layer) {
      tops.set(slot.key, y);
      y += heightOf(slot) + sizes.boxGap;
    }
  });
  const xOf = (layer: number) => layer * (sizes.boxWidth + sizes.layerGap);
  const boxes = nodes.map(({ name }) => {
    const layer = layerOf.get(name) ?? 0;
    return { name, layer, x: xOf(layer), y: tops.get(name) ?? 0 };
  });

  const edgeTo = (from: string, to: Node): Edge => {
    const first = layerOf.get(from) ?? 0;
    const last = layerOf.get(to.name) ?? 0;
    const points: Point[] = [
      { x: xOf(first) + sizes.boxWidth, y: (tops.get(from) ?? 0) + sizes.boxHeight / 2 },
    ];
    for (let layer = first + 1; layer < last; layer += 1) {
      const y = (tops.get(passKey(from, layer)) ?? 0) + sizes.passHeight / 2;
      points.push({ x: xOf(layer), y }, { x: xOf(layer) + sizes.boxWidth, y });
    }
    points.push({ x: xOf(last), y: (tops.get(to.name) ?? 0) + sizes.boxHeight / 2 });
    return { from, to: to.name, points };
  };
  const edges = nodes.flatMap((node) =>
    node.after.filter((name) => layerOf.has(name)).map((name) => edgeTo(name, node)),
  );
  return { width: Math.max(0, xOf(slots.length) - sizes.layerGap), height, boxes, edges };
}

/** Each node one layer after the last of those that it comes after. */
function layers(nodes: readonly Node[]): Map<string, number> {
  const layerOf = new Map<string, number>();
  for (const { name, after } of nodes) {
    layerOf.set(name, Math.max(0, ...after.map((other) => (layerOf.get(other) ?? -1) + 1)));
  }
  return layerOf;
}

/** All edges out of a box share their way until they turn off. A name has no line feed in it. */
const passKey = (from: string, layer: number) => `${from}\n${layer}`;

function placeSlots(nodes: readonly Node[], layerOf: ReadonlyMap<string, number>): Slot[][] {
  const slots: Slot[][] = Array.from({ length: Math.max(-1, ...layerOf.values()) + 1 }, () => []);
  const passes = new Set<string>();
  for (const { name, after } of nodes) {
    const last = layerOf.get(name) ?? 0;
    const before: string[] = [];
    for (const from of after) {
      const first = layerOf.get(from);
      if (first === undefined) continue;
      let previous = from;
      for (let layer = first + 1; layer < last; layer += 1) {
        const key = passKey(from, layer);
        if (!passes.has(key)) slots[layer]?.push({ key, isBox: false, before: [previous] });
        passes.add(key);
        previous = key;
      }
      before.push(previous);
    }
    slots[last]?.push({ key: name, isBox: true, before });
  }
  return slots;
}

/** Orders each layer by where its neighbours stand, forth and back: few crossings, not the fewest. */
function untangle(slots: Slot[][]): void {
  const after = new Map<string, string[]>();
  for (const { key, before } of slots.flat()) {
    for (const other of before) after.set(other, [...(after.get(other) ?? []), key]);
  }
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const [index, layer] of slots.entries())
      sortBy(layer, slots[index - 1] ?? [], ({ before }) => before);
    for (const [index, layer] of [...slots.entries()].toReversed()) {
      sortBy(layer, slots[index + 1] ?? [], ({ key }) => after.get(key) ?? []);
    }
  }
}

function sortBy(layer: Slot[], beside: readonly Slot[], neighboursOf: (slot: Slot) => string[]): void {
  const places = new Map(beside.map(({ key }, index) => [key, (index + 0.5) / beside.length]));
  const wish = new Map(
    layer.map((slot, index) => {
      const found = neighboursOf(slot).flatMap((key) => places.get(key) ?? []);
      const own = (index + 0.5) / layer.length;
      return [slot, found.length === 0 ? own : found.reduce((sum, place) => sum + place, 0) / found.length];
    }),
  );
  layer.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
}
