// A raw connection: what is sent over it is exactly what was made up.
import { connect } from "node:net";
import { type Answer, createAnswerReader } from "./answers.ts";

export type Connection = {
  /** Sends, and waits for an answer to each method; fewer come where the connection ends or the time is up before. */
  ask: (bytes: Buffer, methods: readonly string[], atMostMs: number) => Promise<Answer[]>;
  isOpen: () => boolean;
  close: () => void;
};

export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const reader = createAnswerReader();
  let isOpen = true;
  let look = () => undefined;
  socket.on("data", (chunk: Buffer) => {
    reader.add(chunk);
    look();
  });
  const ended = () => {
    isOpen = false;
    look();
  };
  socket.on("error", () => undefined);
  socket.on("end", ended);
  socket.on("close", ended);
  await new Promise<void>((resolve) => {
    socket.once("connect", resolve);
    socket.once("close", () => resolve());
  });

  return {
    isOpen: () => isOpen,
    close: () => void socket.destroy(),
    ask: (bytes, methods, atMostMs) =>
      new Promise((resolve) => {
        const answers: Answer[] = [];
        const finish = () => {
          clearTimeout(timer);
          look = () => undefined;
          resolve(answers);
        };
        const timer = setTimeout(finish, atMostMs);
        look = () => {
          while (answers.length < methods.length) {
            const answer = reader.next(methods[answers.length] ?? "GET");
            if (answer === null) break;
            answers.push(answer);
          }
          if (answers.length === methods.length || !isOpen) finish();
          return undefined;
        };
        socket.write(bytes);
        if (!isOpen) finish();
      }),
  };
}
