// What the recording shows: the commands as a reader would type them, and how they are run for it.

export type Recorded = {
  shown: string;
  /** The same command, on the recording's own port and data. */
  run: (data: string, port: number) => string;
  /** What a program that goes on running has printed when the next command follows. */
  until?: RegExp;
};

export const start: Recorded = {
  shown: "npm start",
  run: (data, port) => `npm start --silent -- --port ${port} --data ${data}`,
  until: /npx tagrelay (?:list|show|run)[\s\S]*\n[\s\S]*\n/,
};

export const afterwards: readonly Recorded[] = [
  {
    shown: "npx tagrelay show void-docker",
    run: () => "node functions/cli/tagrelay.js show void-docker",
  },
];

export const description =
  "A terminal: npm start builds the five images of void-docker one after another and the three of family, with a bar and a line a step; then npx tagrelay show void-docker prints how the run went.";
