// Carries out a conditional write.
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { rethrow } from "./rethrow.ts";

/** False if the condition failed: another process was faster. */
export async function ifUnchanged(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    return rethrow(error);
  }
}
