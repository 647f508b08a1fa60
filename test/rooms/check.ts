// Fails if a file imports from a room above it, if files import each other in a cycle, or if a file is in no room.
import { fileURLToPath } from "node:url";
import { checkRooms, readSources, rooms } from "./rooms.ts";

const sources = readSources(fileURLToPath(new URL("../..", import.meta.url)));
const problems = checkRooms(sources);
if (problems.length > 0) {
  process.stderr.write(
    `${problems.join("\n")}\nThe order of the rooms, lowest first: ${rooms.map((names) => names.join(" ")).join(" < ")}\n`,
  );
  process.exit(1);
}
process.stdout.write(`${sources.size} files: no import cycle, no import of a room above\n`);
