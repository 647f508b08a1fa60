// Makes of whatever DynamoDB's client has thrown an error of the store's own.
import { StoreUnavailableError } from "./store.ts";

export function rethrow(error: unknown): never {
  const name = error instanceof Error ? error.name : "unknown error";
  throw new StoreUnavailableError(`DynamoDB did not do as asked (${name})`, {
    cause: error,
  });
}
