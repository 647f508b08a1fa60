// The settings of `matrix: …` in a channel: the homeserver, the room and the access token.
import * as z from "zod";
import { secretName, text } from "../../validation/forms.ts";
import { serverUrl } from "../server-url.ts";

export const matrixSettings = z.strictObject({
  url: serverUrl("https://matrix.example.org"),
  room: text("the id of a room such as !abcdef:example.org, as its settings show it", /^![^\s/?#]{1,254}$/),
  secret: secretName.describe("The name of the secret with the access token of a user who is in the room."),
});
export type MatrixSettings = z.infer<typeof matrixSettings>;
