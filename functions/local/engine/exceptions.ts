// Converts errors of the embedded engine to the exceptions that AWS's client throws.
import {
  ConditionalCheckFailedException,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod";

const engineError = z.object({ body: z.object({ __type: z.string(), message: z.string().default("") }) });

export function toAwsException(error: unknown): unknown {
  const { data } = engineError.safeParse(error);
  if (data === undefined) return error;
  const name = data.body.__type.slice(data.body.__type.indexOf("#") + 1);
  const details = { message: data.body.message, $metadata: {} };
  switch (name) {
    case "ConditionalCheckFailedException":
      return new ConditionalCheckFailedException(details);
    case "ResourceInUseException":
      return new ResourceInUseException(details);
    case "ResourceNotFoundException":
      return new ResourceNotFoundException(details);
    default:
      return Object.assign(new Error(data.body.message, { cause: error }), { name });
  }
}
