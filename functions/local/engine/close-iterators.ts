// Makes the embedded engine close its iterators; importing this file is enough.
import { ClassicLevel } from "classic-level";

// dynalite closes an iterator with `return()`, which those of abstract-level do not have. Without this, each query would
// leak an iterator with everything it has read and a snapshot of the whole database.
for (const name of ["keys", "values"] as const) {
  const make = ClassicLevel.prototype[name];
  Object.defineProperty(ClassicLevel.prototype, name, {
    value(this: ClassicLevel, ...options: Parameters<typeof make>) {
      const iterator = make.apply(this, options);
      return Object.assign(iterator, { return: () => iterator.close() });
    },
  });
}
