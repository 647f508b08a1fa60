// Many clients at once that take their time: raw connections, each of which goes on with a byte now and then.
import { connect, type Socket } from "node:net";

export type Crowd = {
  /** How many are still connected. */
  staying: () => number;
  /** What each of them has been told so far. */
  told: () => string[];
  close: () => void;
};

export type Dawdler = {
  /** What is sent at once, as a beginning. */
  start: string;
  /** What is sent again and again after that. */
  again?: { text: string; everyMs: number };
  /** Whether what is answered is read. */
  isReading?: boolean;
};

export function gather(origin: string, count: number, { start, again, isReading = true }: Dawdler): Crowd {
  const { hostname, port } = new URL(origin);
  const members = Array.from({ length: count }, () => {
    const socket: Socket = connect(Number(port), hostname);
    const member = { socket, told: "", isStaying: true };
    const timer =
      again === undefined ? undefined : setInterval(() => socket.write(again.text), again.everyMs);
    const note = (chunk: Buffer) => {
      member.told += chunk.toString();
    };
    if (isReading) socket.on("data", note);
    else socket.pause();
    socket.on("error", () => undefined);
    const leave = () => {
      member.isStaying = false;
      clearInterval(timer);
    };
    socket.on("end", leave);
    socket.on("close", leave);
    if (start !== "") socket.write(start);
    return member;
  });
  return {
    staying: () => members.filter(({ isStaying }) => isStaying).length,
    told: () => members.map(({ told }) => told),
    close: () => {
      for (const { socket } of members) socket.destroy();
    },
  };
}
