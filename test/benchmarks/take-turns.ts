// Measures several subjects in turn, so that other load on the machine affects all of them.

/** Returns the figures by name. The order rotates, and a quarter as many rounds warm up first. */
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
