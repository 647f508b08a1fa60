// `tagrelay notify test`: sends a test notice to a channel, through the program that will send the real ones.
import { type ExitCode, exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson } from "../io.ts";
import { toSingleLine } from "../text.ts";

export async function notifyTest(
  io: Io,
  channel: string,
  options: ConnectionOptions & { json?: true | undefined },
): Promise<ExitCode> {
  const client = createClient(readConnection(io, options));
  const { outcome, reason = "" } = await client.testChannel(channel);
  if (options.json) printJson(io, { channel, outcome, ...(reason === "" ? {} : { reason }) });
  else {
    const texts = {
      delivered: `${channel}: delivered; look whether the notice has arrived`,
      simulated: `${channel}: only logged, because the program runs without --live`,
      failed: `${channel}: NOT delivered: ${toSingleLine(reason)}`,
    };
    print(io, texts[outcome]);
  }
  return outcome === "failed" ? exitCodes.failure : exitCodes.success;
}
