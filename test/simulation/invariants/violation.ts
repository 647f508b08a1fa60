// Throws if an invariant of a simulated world does not hold.

export class Violation extends Error {
  override readonly name = "Violation";
}

export function mustHold(isTrue: boolean, describe: () => string): void {
  if (!isTrue) throw new Violation(describe());
}
