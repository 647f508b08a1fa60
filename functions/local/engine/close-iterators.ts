// Sees to it that the embedded engine's iterators are closed: to import this is enough.
import { ClassicLevel } from "classic-level";

// dynalite ends an iterator by `return()`, which those of abstract-level do not have, and so closes none: each query
// would leave one behind for good, with what it has read and a snapshot of the whole database.
for (const name of ["keys", "values"] as const) {
  const make = ClassicLevel.prototype[name];
  Object.defineProperty(ClassicLevel.prototype, name, {
    value(this: ClassicLevel, ...options: Parameters<typeof make>) {
      const iterator = make.apply(this, options);
      return Object.assign(iterator, { return: () => iterator.close() });
    },
  });
}
