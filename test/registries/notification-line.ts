// The line between a registry and the program, which a test can cut.
import { createServer } from "node:http";
import * as z from "zod";
import { readJson } from "../stand-ins/json.ts";
import { serve } from "../stand-ins/serve.ts";

const notification = z.object({
  events: z.array(
    z.object({
      action: z.string(),
      target: z.object({ repository: z.string(), digest: z.string(), tag: z.string().optional() }),
    }),
  ),
});
type Told = z.infer<typeof notification> & { status: number; answer: unknown };

export type NotificationLine = {
  origin: string;
  /** The program's origin. */
  target: string | null;
  /** `cut` breaks the connection, so the registry tries again; `lose` accepts a notification and drops it. */
  state: "open" | "cut" | "lose";
  /** What arrived at the program, and its answers. */
  told: Told[];
  lost: number;
  close: () => Promise<void>;
};

export async function startNotificationLine(): Promise<NotificationLine> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (line.state === "cut" || line.target === null) return void request.socket.destroy();
    if (line.state === "lose") {
      line.lost += 1;
      return void response.end();
    }
    const body = Buffer.concat(chunks).toString();
    const passedOn = await fetch(new URL(request.url ?? "", line.target), {
      method: "POST",
      headers: {
        authorization: request.headers.authorization ?? "",
        "content-type": request.headers["content-type"] ?? "",
      },
      body,
    }).catch(() => null);
    // The program has been stopped.
    if (passedOn === null) return void request.socket.destroy();
    const answer = await readJson(passedOn);
    line.told.push({ ...notification.parse(JSON.parse(body)), status: passedOn.status, answer });
    response.writeHead(passedOn.status).end();
  });
  const began: Omit<NotificationLine, "origin" | "close"> = {
    target: null,
    state: "open",
    told: [],
    lost: 0,
  };
  const line: NotificationLine = Object.assign(began, await serve(server));
  return line;
}
