// A tree in the shape of a public repository, with its true order, and how well an import meets it.
import { importDockerfiles } from "../../../../../functions/cli/import/dockerfile-tree.ts";
import { viewOf } from "../view.ts";

export type Tree = {
  /** The repository whose shape it has; its last part is the name of the folder. */
  like: string;
  files: Record<string, string>;
  /** Each image, without its namespace and without `:latest`, with the images that it is built from. */
  order: Record<string, readonly string[]>;
};

export type Score = {
  images: number;
  found: number;
  /** Images that are none. */
  wrong: string[];
  missing: string[];
  edges: number;
  right: number;
  /** Links that are none, and links that are lost. */
  falseEdges: string[];
  lost: string[];
  problem: string | null;
  milliseconds: number;
};

function shortName(image: string): string {
  return (image.split("/").at(-1) ?? image).replace(/:latest$/, "");
}

export function scoreOf({ like, files, order }: Tree): Score {
  const truth = new Set(
    Object.entries(order).flatMap(([image, bases]) => bases.map((base) => `${image} < ${base}`)),
  );
  const images = new Set(Object.keys(order));
  const start = performance.now();
  const read = importOrder(like, files);
  const milliseconds = performance.now() - start;
  const links = [...read.order].flatMap(([image, bases]) => bases.map((base) => `${image} < ${base}`));
  return {
    images: images.size,
    found: [...images].filter((image) => read.order.has(image)).length,
    wrong: [...read.order.keys()].filter((image) => !images.has(image)),
    missing: [...images].filter((image) => !read.order.has(image)),
    edges: truth.size,
    right: links.filter((link) => truth.has(link)).length,
    falseEdges: links.filter((link) => !truth.has(link)),
    lost: [...truth].filter((link) => !links.includes(link)),
    problem: read.problem,
    milliseconds,
  };
}

function importOrder(
  like: string,
  files: Record<string, string>,
): { order: Map<string, string[]>; problem: string | null } {
  try {
    const view = viewOf(files, like.split("/").at(-1) ?? like);
    const { pipelines } = importDockerfiles(view, { namespace: null, tag: null });
    const order = new Map<string, string[]>();
    for (const { steps } of pipelines) {
      const images = new Map(steps.map(({ name, image }) => [name, shortName(image)]));
      for (const { image, after } of steps)
        order.set(
          shortName(image),
          after.map((name) => images.get(name) ?? name),
        );
    }
    return { order, problem: null };
  } catch (error) {
    return {
      order: new Map(),
      problem: error instanceof Error ? (error.message.split("\n")[0] ?? "") : "failed",
    };
  }
}
