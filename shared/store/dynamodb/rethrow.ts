// Turns an error of DynamoDB's client into one of the store's own.
import { nameOf } from "../../log.ts";
import { StoreUnavailableError } from "../store.ts";

export function rethrow(error: unknown): never {
  if (error instanceof StoreUnavailableError) throw error;
  throw new StoreUnavailableError(`a request to DynamoDB failed (${nameOf(error)})`, { cause: error });
}
