// Makes of what the embedded engine refuses a request with the exception that AWS's client would have thrown.
import {
  ConditionalCheckFailedException,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod";

const refusal = z.object({ body: z.object({ __type: z.string(), message: z.string().default("") }) });

export function asExceptionOfAws(error: unknown): unknown {
  const { data } = refusal.safeParse(error);
  if (data === undefined) return error;
  const name = data.body.__type.slice(data.body.__type.indexOf("#") + 1);
  const told = { message: data.body.message, $metadata: {} };
  switch (name) {
    case "ConditionalCheckFailedException":
      return new ConditionalCheckFailedException(told);
    case "ResourceInUseException":
      return new ResourceInUseException(told);
    case "ResourceNotFoundException":
      return new ResourceNotFoundException(told);
    default:
      return Object.assign(new Error(data.body.message, { cause: error }), { name });
  }
}
