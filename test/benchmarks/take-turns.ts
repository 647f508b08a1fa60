// Measures several subjects in turn, so that what else the machine does meets all of them.

/**
 * The figures of each by its name. What is measured first in a round changes from round to round, and a quarter as many
 * rounds come before those that count.
 */
export async function takeTurns<Name extends string, Subject>(
  subjects: ReadonlyMap<Name, Subject>,
  rounds: number,
  measure: (subject: Subject, name: Name) => Promise<readonly number[]>,
): Promise<(name: Name) => readonly number[]> {
  const all = [...subjects];
  const figures = new Map<Name, number[]>();
  const warmUps = Math.ceil(rounds / 4);
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const first = round % all.length;
    for (const [name, subject] of [...all.slice(first), ...all.slice(0, first)]) {
      const measured = await measure(subject, name);
      if (round >= warmUps) figures.set(name, [...(figures.get(name) ?? []), ...measured]);
    }
  }
  return (name) => figures.get(name) ?? [];
}
