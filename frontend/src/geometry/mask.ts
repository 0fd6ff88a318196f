import type { BboxXYWH } from "./boxes";
import type { Size } from "./points";
import type { Runs } from "./rle";
import { runsToSpans, spansToRuns } from "./runs";
import { firstSpans, roomForSpans, type Spans } from "./spans";

/** Height × width pixels, row by row: 1 inside, 0 outside. */
export interface Mask extends Size {
  readonly pixels: Uint8Array;
}

/** The mask of spans of rows, cut to a box of whole pixels that holds them all. */
export function spansToMask({ lines, starts, ends }: Spans, [x, y, w, h]: BboxXYWH): Mask {
  const pixels = new Uint8Array(w * h);
  for (let k = 0; k < lines.length; k++) {
    const row = ((lines[k] as number) - y) * w - x;
    pixels.fill(1, row + (starts[k] as number), row + (ends[k] as number));
  }
  return { width: w, height: h, pixels };
}

/** The spans of a mask's rows. */
export function maskToSpans({ width, pixels }: Mask): Spans {
  let room = roomForSpans(64);
  let count = 0;
  const add = (row: number, start: number, end: number) => {
    if (count === room.lines.length) {
      const more = roomForSpans(2 * count);
      more.lines.set(room.lines);
      more.starts.set(room.starts);
      more.ends.set(room.ends);
      room = more;
    }
    room.lines[count] = row;
    room.starts[count] = start;
    room.ends[count++] = end;
  };
  let end = 0;
  for (;;) {
    let start = pixels.indexOf(1, end);
    if (start < 0) return firstSpans(room, count);
    end = pixels.indexOf(0, start);
    if (end < 0) end = pixels.length;
    while (start < end) {
      const row = Math.floor(start / width);
      const stop = Math.min(end, (row + 1) * width);
      add(row, start - row * width, stop - row * width);
      start = stop;
    }
  }
}

export function maskToRuns(mask: Mask): Runs {
  return spansToRuns(maskToSpans(mask), mask);
}

export function runsToMask(runs: Runs): Mask {
  return spansToMask(runsToSpans(runs), [0, 0, runs.width, runs.height]);
}
