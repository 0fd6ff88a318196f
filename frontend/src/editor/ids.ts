/** A random UUID, version 4. `crypto.randomUUID` is there on https and localhost only, not in a local network. */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * The id that follows from another one: two tabs that derive it get the same, so what both do is done once.
 *
 * @param which 1 to 255; each gives another id
 */
export function derivedId(id: string, which: number): string {
  const last = Number.parseInt(id.slice(-2), 16) ^ which;
  return id.slice(0, -2) + last.toString(16).padStart(2, "0");
}
