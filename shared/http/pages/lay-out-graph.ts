// Lays out a graph: boxes in layers from left to right, and edges that pass between boxes, never over one.
import type { Node } from "../../pipeline/graph.ts";

export type Point = { x: number; y: number };
export type Box = { name: string; layer: number; x: number; y: number };
/** From the right side of a box, through the layers between, to the left side of another: `x` always increases. */
export type Edge = { from: string; to: string; points: Point[] };
export type GraphLayout = { width: number; height: number; boxes: Box[]; edges: Edge[] };

export type GraphSizes = {
  boxWidth: number;
  boxHeight: number;
  /** The space between two layers, where edges turn. */
  layerGap: number;
  /** The space between two boxes of a layer. */
  boxGap: number;
  /** The space for an edge that passes through a layer. */
  passHeight: number;
};

/** A box, or the place where the edges from an earlier box pass through the layer. */
type Slot = { key: string; isBox: boolean; before: string[] };

/** What the coordinates are made from. */
type Placed = {
  layerOf: ReadonlyMap<string, number>;
  /** The upper edge of each slot. */
  tops: ReadonlyMap<string, number>;
  sizes: GraphSizes;
};

const sweeps = 4;

/** The nodes must be sorted: each after its predecessors. */
export function layOutGraph(nodes: readonly Node[], sizes: GraphSizes): GraphLayout {
  const layerOf = layers(nodes);
  const slots = placeSlots(nodes, layerOf);
  untangle(slots);
  const { height, tops } = stack(slots, sizes);
  const placed = { layerOf, tops, sizes };
  const boxes = nodes.map(({ name }) => {
    const layer = layerOf.get(name) ?? 0;
    return { name, layer, x: leftOf(layer, sizes), y: tops.get(name) ?? 0 };
  });
  const edges = nodes.flatMap((node) =>
    node.after.filter((name) => layerOf.has(name)).map((name) => routeEdge(name, node.name, placed)),
  );
  return { width: Math.max(0, leftOf(slots.length, sizes) - sizes.layerGap), height, boxes, edges };
}

function leftOf(layer: number, { boxWidth, layerGap }: GraphSizes): number {
  return layer * (boxWidth + layerGap);
}

/** Stacks the slots of each layer, and centres the layers. */
function stack(slots: readonly Slot[][], sizes: GraphSizes): { height: number; tops: Map<string, number> } {
  const heightOf = ({ isBox }: Slot) => (isBox ? sizes.boxHeight : sizes.passHeight);
  const heights = slots.map((layer) =>
    layer.reduce((sum, slot) => sum + heightOf(slot) + sizes.boxGap, -sizes.boxGap),
  );
  const height = Math.max(0, ...heights);
  const tops = new Map<string, number>();
  for (const [index, layer] of slots.entries()) {
    let y = (height - (heights[index] ?? 0)) / 2;
    for (const slot of layer) {
      tops.set(slot.key, y);
      y += heightOf(slot) + sizes.boxGap;
    }
  }
  return { height, tops };
}

function routeEdge(from: string, to: string, { layerOf, tops, sizes }: Placed): Edge {
  const first = layerOf.get(from) ?? 0;
  const last = layerOf.get(to) ?? 0;
  const middleOf = (box: string) => (tops.get(box) ?? 0) + sizes.boxHeight / 2;
  const points: Point[] = [{ x: leftOf(first, sizes) + sizes.boxWidth, y: middleOf(from) }];
  for (let layer = first + 1; layer < last; layer += 1) {
    const x = leftOf(layer, sizes);
    const y = (tops.get(passKey(from, layer)) ?? 0) + sizes.passHeight / 2;
    points.push({ x, y }, { x: x + sizes.boxWidth, y });
  }
  points.push({ x: leftOf(last, sizes), y: middleOf(to) });
  return { from, to, points };
}

/** Each node is one layer after the last of its predecessors. */
function layers(nodes: readonly Node[]): Map<string, number> {
  const layerOf = new Map<string, number>();
  for (const { name, after } of nodes) {
    layerOf.set(name, Math.max(0, ...after.map((other) => (layerOf.get(other) ?? -1) + 1)));
  }
  return layerOf;
}

/** All edges from a box share their way through a layer. Names contain no line feed. */
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

/** Orders each layer by the positions of its neighbours, forth and back. That leaves few crossings, not the fewest. */
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

function sortBy(layer: Slot[], neighbours: readonly Slot[], neighboursOf: (slot: Slot) => string[]): void {
  const places = new Map(neighbours.map(({ key }, index) => [key, (index + 0.5) / neighbours.length]));
  const targets = new Map(
    layer.map((slot, index) => {
      const found = neighboursOf(slot).flatMap((key) => places.get(key) ?? []);
      const own = (index + 0.5) / layer.length;
      return [slot, found.length === 0 ? own : found.reduce((sum, place) => sum + place, 0) / found.length];
    }),
  );
  layer.sort((a, b) => (targets.get(a) ?? 0) - (targets.get(b) ?? 0));
}
