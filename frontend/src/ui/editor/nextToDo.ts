type First = (state: "new" | "in_progress", after: number) => Promise<number | null>;

/**
 * The next image to be worked on after one; from the last on it goes on with the first. Null: there is no other.
 *
 * @param first the first image of a state with an id over `after`
 */
export async function nextToDo(imageId: number, first: First): Promise<number | null> {
  for (const after of [imageId, 0]) {
    const found = await Promise.all([first("new", after), first("in_progress", after)]);
    const ids = found.filter((id) => id !== null && id !== imageId) as number[];
    if (ids.length > 0) return Math.min(...ids);
  }
  return null;
}
