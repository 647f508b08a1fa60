// Finds members of long lists by name, without searching the whole list each time.

type Find<Member> = (list: readonly Member[], name: string) => Member | undefined;

/** A shorter list is searched faster than its index is made. */
const minIndexed = 32;

/**
 * Lists must not change, and have each name once. Most lists differ from the one before in a single member, so the places of
 * that one are tried first.
 */
export function createFinder<Member>(nameOf: (member: Member) => string): Find<Member> {
  let indexed: readonly Member[] = [];
  let places: ReadonlyMap<string, number> = new Map();
  return (list, name) => {
    if (list.length < minIndexed) return list.find((member) => nameOf(member) === name);
    const found = list[places.get(name) ?? -1];
    if (found !== undefined && nameOf(found) === name) return found;
    if (list !== indexed) {
      indexed = list;
      places = new Map(list.map((member, place) => [nameOf(member), place]));
    }
    return list[places.get(name) ?? -1];
  };
}
