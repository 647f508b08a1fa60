// Reads a response's JSON without a type, because each test checks what it expects.
import * as z from "zod";

export async function readJson(response: Response) {
  return z.any().parse(await response.json());
}
