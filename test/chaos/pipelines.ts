// The pipelines that run while the program is killed: chains, stages and diamonds.

export const triggerSecretName = "CHAOS_TRIGGER";
export const retries = 2;

/** As the test knows it, independent of the program. */
export type ChaosStep = { name: string; image: string; after: string[] };
export type ChaosPipeline = { name: string; steps: ChaosStep[]; document: Record<string, unknown> };

const repositories = ["chaos/base", "chaos/web", "chaos/tools"];
const shapes = [makeChain, makeStages, makeDiamond];

export function makePipelines(count: number, timeoutsSeconds: readonly number[]): ChaosPipeline[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `p${index}`;
    const { steps, document } = pick(shapes, index)(name, pick(repositories, Math.floor(index / 3)));
    const settings = {
      trigger: { dockerhub: { secret: triggerSecretName } },
      timeout: `${pick(timeoutsSeconds, index)}s`,
      retries,
      ...(index % 4 === 3 ? { delay: "1s" } : {}),
      // A late copy of a webhook must not start a run that the test does not know.
      onPush: "ignore",
    };
    return { name, steps, document: { ...document, ...settings } };
  });
}

function makeChain(name: string, repository: string) {
  return makeSequence(repository, [[`${name}-a`], [`${name}-b`], [`${name}-c`], [`${name}-d`]]);
}

function makeStages(name: string, repository: string) {
  return makeSequence(repository, [
    [`${name}-a`],
    [`${name}-b1`, `${name}-b2`, `${name}-b3`],
    [`${name}-c`],
    [`${name}-d1`, `${name}-d2`],
  ]);
}

function makeSequence(repository: string, stages: readonly string[][]) {
  const steps = stages.flatMap((stage, index) =>
    stage.map((tag) => ({ name: tag, image: `${repository}:${tag}`, after: stages[index - 1] ?? [] })),
  );
  const sequence = stages.map((stage) => (stage.length === 1 ? stage[0] : stage));
  return { steps, document: { image: repository, sequence } };
}

/** Two paths of different lengths from the base to the top, across several repositories. */
function makeDiamond(name: string) {
  const images: [string, string[]][] = [
    ["base", []],
    ["left", ["base"]],
    ["right", ["base"]],
    ["far", ["left"]],
    ["top", ["far", "right"]],
  ];
  const steps = images.map(([step, after], index) => ({
    name: step,
    image: `${pick(repositories, index)}:${name}-${step}`,
    after,
  }));
  const written = steps.map(({ name: step, image, after }) => [step, { image, after }]);
  return { steps, document: { steps: Object.fromEntries(written) } };
}

function pick<T>(list: readonly T[], index: number): T {
  const found = list.slice(index % list.length)[0];
  if (found === undefined) throw new Error("expected a list with at least one element");
  return found;
}
