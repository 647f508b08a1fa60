// What is demanded of a simulated world, and what it is called when it is not so.

export class Violation extends Error {
  override readonly name = "Violation";
}

export function demand(isSo: boolean, what: () => string): void {
  if (!isSo) throw new Violation(what());
}
