// Carries out a conditional write.
import { isException } from "./is-exception.ts";
import { rethrow } from "./rethrow.ts";

/** False if the condition failed: another process was faster. */
export async function ifUnchanged(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isException(error, "ConditionalCheckFailedException")) return false;
    return rethrow(error);
  }
}
