// Run ids contain the pipeline's name and the start, so that they sort by time.

const endPattern = /\.(\d{8}T\d{9}-[a-z0-9]{6})$/;

/** `void-docker.20261120T030000123-k3f9a1`; `random` is in [0, 1). */
export function makeRunId(pipeline: string, now: number, random: number): string {
  const time = new Date(now).toISOString().replace(/[^\dT]/g, "");
  const tail = Math.floor(random * 36 ** 6)
    .toString(36)
    .padStart(6, "0");
  return runIdWithEnd(pipeline, `${time}-${tail}`);
}

export function runIdWithEnd(pipeline: string, end: string): string {
  return `${pipeline}.${end}`;
}

/** The name of the run's pipeline; null if the text is not a run id. */
export function pipelineOfRunId(id: string): string | null {
  return endPattern.test(id) ? id.replace(endPattern, "") : null;
}

/** Its part that differs between the runs of a pipeline: `20261120T030000123-k3f9a1`. */
export function endOfRunId(id: string): string {
  return endPattern.exec(id)?.[1] ?? id;
}
