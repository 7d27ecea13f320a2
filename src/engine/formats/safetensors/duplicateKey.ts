/**
 * The first key that occurs twice in the same object of a JSON text, or null. `JSON.parse` would silently
 * keep the last one.
 *
 * @param json valid JSON
 */
export function duplicateKey(json: string): string | null {
  /** For every open object, its keys so far. */
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    else if (character === '"') {
      const end = endOfString(json, i);
      if (isFollowedByColon(json, end)) {
        const key = JSON.parse(json.slice(i, end)) as string;
        const keys = open.at(-1) as Set<string>;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      i = end - 1;
    }
  }
  return null;
}

/** The position after the closing quote. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i + 1;
}

function isFollowedByColon(json: string, position: number): boolean {
  let i = position;
  while (" \t\n\r".includes(json[i] as string)) i++;
  return json[i] === ":";
}
