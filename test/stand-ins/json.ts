// A response's JSON, of which each test knows what it expects.
import * as z from "zod";

export async function readJson(response: Response) {
  return z.any().parse(await response.json());
}
