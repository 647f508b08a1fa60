// What LevelDB's errors mean, in a few words.

/** The errors of LevelDB have what happened in their cause. */
export function causeOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = inner instanceof Error ? inner.message : "unknown error";
  if (/No space left on device|ENOSPC/.test(message)) return "a full disk";
  if (/Read-only file system|EROFS/.test(message)) return "a disk that is read-only";
  if (/Permission denied|EACCES|EPERM/.test(message)) return "no permission to write";
  if (/File too large|EFBIG/.test(message)) return "a limit on the size of files";
  if (/Disk quota exceeded|EDQUOT/.test(message)) return "a used up quota";
  if (/Input\/output error|EIO/.test(message)) return "a disk that fails";
  return message;
}

export function isLocked(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED";
}
