// Recognises DynamoDB's exceptions by their names: the classes would load all of AWS's client, which the embedded engine does without.

type ExceptionName =
  | "ConditionalCheckFailedException"
  | "ResourceInUseException"
  | "ResourceNotFoundException";

export function isException(error: unknown, name: ExceptionName): boolean {
  return error instanceof Error && error.name === name;
}
