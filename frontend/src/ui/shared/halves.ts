const SHORT = 16;
const TAIL = 8;

/** The part of a name that may be cut, and its end, which is always shown; a short name has no such end. */
export function halves(name: string): readonly [head: string, tail: string] {
  const signs = [...name];
  if (signs.length <= SHORT) return [name, ""];
  return [signs.slice(0, -TAIL).join(""), signs.slice(-TAIL).join("")];
}
