// A family of 18 images in the shape of Selenium's, with the durations that the simulation of its builds assumes.

/** Minutes from the start of the build's machine to the push. Assumed: nobody has measured them here. */
const assumedMinutes = {
  base: 5,
  hub: 2,
  router: 2,
  "session-map": 2,
  "session-queue": 2,
  distributor: 2,
  "event-bus": 2,
  "node-base": 7,
  "node-docker": 3,
  "node-chrome": 6,
  "node-chromium": 8,
  "node-edge": 6,
  "node-firefox": 7,
  "standalone-docker": 3,
  "standalone-chrome": 3,
  "standalone-chromium": 3,
  "standalone-edge": 3,
  "standalone-firefox": 3,
} as const;

export type ImageName = keyof typeof assumedMinutes;

const nodeOf: Partial<Record<ImageName, ImageName>> = {
  "standalone-docker": "node-docker",
  "standalone-chrome": "node-chrome",
  "standalone-chromium": "node-chromium",
  "standalone-edge": "node-edge",
  "standalone-firefox": "node-firefox",
};

export type FamilyImage = { name: ImageName; after: ImageName | null; takesMs: number; level: number };

const minuteMs = 60_000;

export const family: readonly FamilyImage[] = namesOf().map((name) => ({
  name,
  after: baseOf(name),
  takesMs: assumedMinutes[name] * minuteMs,
  level: levelOf(name),
}));

function namesOf(): ImageName[] {
  return Object.keys(assumedMinutes).filter((name): name is ImageName => name in assumedMinutes);
}

function baseOf(name: ImageName): ImageName | null {
  if (name === "base") return null;
  if (name.startsWith("node-") && name !== "node-base") return "node-base";
  return nodeOf[name] ?? "base";
}

function levelOf(name: ImageName): number {
  const base = baseOf(name);
  return base === null ? 0 : levelOf(base) + 1;
}
