// The order of the rooms (the top-level folders and those of shared/), and the imports that break it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Lowest first: a file may import from its own room and from lower ones. Rooms on one line do not import each other. */
export const rooms: Rooms = [
  ["shared/validation", "shared/usage-error.ts"],
  ["shared/image", "shared/log.ts", "shared/settings.ts", "shared/environment.ts"],
  ["shared/outgoing"],
  ["shared/aws"],
  ["shared/kinds"],
  ["shared/evidence", "shared/identity"],
  ["shared/builders", "shared/channels", "shared/registries", "shared/sources"],

  ["shared/pipeline"],
  ["shared/config"],
  ["shared/run"],
  ["shared/store"],
  ["shared/relay"],
  ["shared/progress", "shared/metrics"],
  ["shared/http"],
  ["functions/packed-config"],
  ["functions/start-options.ts", "functions/lambda-relay.ts"],
  ["functions/local", "functions/schedule", "functions/deploy-schedules", "functions/webhook"],
  ["functions/cli"],
  ["infra"],
];

export type Rooms = readonly (readonly string[])[];

/** The texts of the source files by path, relative to the project. */
export function readSources(root: string): Map<string, string> {
  const files = ["shared", "functions", "infra"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(?:ts|js)$/.test(file))
      .map((file) => join(folder, file)),
  );
  return new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
}

/** What is wrong, and what to do about it: one message for each cycle, climb and file without a room. */
export function checkRooms(sources: ReadonlyMap<string, string>, order: Rooms = rooms): string[] {
  const imports = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
  const homeless = [...sources.keys()].filter((file) => roomOf(file, order) === null);
  const climbs = [...imports].flatMap(([from, targets]) =>
    targets.filter((to) => isClimb(from, to, order)).map((to) => ({ from, to })),
  );
  return [
    ...homeless.map((file) => `${file} is in no room; add its folder to test/rooms/rooms.ts`),
    ...climbs.map(
      ({ from, to }) =>
        `${from} imports ${to}, which is not in a lower room; move what it needs down, or pass it in as an argument`,
    ),
    ...cyclesIn(imports).map(
      (cycle) =>
        `these files import each other in a cycle; move what they share to a file of its own: ${cycle.join(" → ")}`,
    ),
  ];
}

/** Static and dynamic imports of files of the project, including imports of types. */
function importsOf(file: string, text: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.{1,2}\/[^"]+\.(?:ts|js))"/g);
  return [...specifiers].map(([, path = ""]) => join(dirname(file), path));
}

function isClimb(from: string, to: string, order: Rooms): boolean {
  const above = roomOf(from, order);
  const below = roomOf(to, order);
  if (above === null || below === null) return false;
  return above.name !== below.name && above.level <= below.level;
}

function roomOf(file: string, order: Rooms): { name: string; level: number } | null {
  for (const [level, names] of order.entries()) {
    const name = names.find((room) => file === room || file.startsWith(`${room}/`));
    if (name !== undefined) return { name, level };
  }
  return null;
}

/** One cycle for each group of files that reach each other; the first file is repeated at the end. */
function cyclesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const reported = new Set<string>();
  return [...imports.keys()].flatMap((file) => {
    if (reported.has(file)) return [];
    const cycle = pathBack(file, imports);
    if (cycle === null) return [];
    for (const member of cycle) reported.add(member);
    return [cycle];
  });
}

/** The shortest way from a file back to itself; null if there is none. */
function pathBack(file: string, imports: ReadonlyMap<string, readonly string[]>): string[] | null {
  const seen = new Set<string>();
  let paths = [[file]];
  while (paths.length > 0) {
    const longer = paths.flatMap((path) =>
      (imports.get(path.at(-1) ?? file) ?? []).map((to) => [...path, to]),
    );
    const cycle = longer.find((path) => path.at(-1) === file);
    if (cycle !== undefined) return cycle;
    paths = longer.filter((path) => {
      const last = path.at(-1) ?? file;
      return !seen.has(last) && seen.add(last);
    });
  }
  return null;
}
