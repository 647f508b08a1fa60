// Writes once for all who ask at about the same time.

/** What is returned resolves after a write that began later than the call. */
export function inOneWrite(write: () => void): () => Promise<void> {
  let asked: Promise<void> | null = null;
  return () => {
    asked ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        asked = null;
        try {
          write();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    return asked;
  };
}
