/** What a person may look for by typing. */
export interface Searchable {
  readonly id: string;
  readonly title: string;
  /** Other words that find it, not shown. */
  readonly words?: string;
}

const WHOLE = 8;
const START = 6;
const INSIDE = 3;
const IN_ORDER = 1;

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,:;()/–—-]+/)
    .filter(Boolean);
}

/** Whether the letters of `typed` come in this order in `word`, from its first letter on. */
function isInOrder(typed: string, word: string): boolean {
  if (typed[0] !== word[0]) return false;
  let at = 0;
  for (const letter of word) if (letter === typed[at]) at += 1;
  return at === typed.length;
}

function fitOfWord(typed: string, words: readonly string[]): number {
  let best = 0;
  for (const word of words) {
    if (word === typed) return WHOLE;
    if (word.startsWith(typed)) best = Math.max(best, START);
    else if (word.includes(typed)) best = Math.max(best, INSIDE);
    else if (isInOrder(typed, word)) best = Math.max(best, IN_ORDER);
  }
  return best;
}

/** How well every typed word fits a word of the text, in any order; 0: one of them fits none. */
export function scoreOf(query: string, { title, words = "" }: Searchable): number {
  const shown = wordsOf(title);
  const all = [...shown, ...wordsOf(words)];
  let sum = 0;
  for (const typed of wordsOf(query)) {
    const found = fitOfWord(typed, all);
    if (found === 0) return 0;
    // What a title begins with is what it is called.
    sum += found + (shown[0]?.startsWith(typed) ? 1 : 0);
  }
  return sum;
}

/** Those that fit, the best first; of equals the one used last, and then as they came. */
export function search<T extends Searchable>(
  entries: readonly T[],
  query: string,
  recent: readonly string[] = [],
): T[] {
  const age = ({ id }: T) => {
    const at = recent.indexOf(id);
    return at < 0 ? recent.length : at;
  };
  return entries
    .map((entry) => ({ entry, score: scoreOf(query, entry) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || age(a.entry) - age(b.entry))
    .map(({ entry }) => entry);
}
