import type { BoxXYXY } from "../geometry/boxes";
import { isSameSection, type Section } from "./tile-grid";
import { MARGIN } from "./tiled-picture";

/** More places than this are not drawn one by one. */
const MANY = 20;

/** Draws a section of the image onto a sheet. */
export interface SheetEasel<Sheet> {
  blank(section: Section): Sheet;
  /** @param pixels of the sheet, whole ones: what is there is drawn anew; null: everything */
  paint(sheet: Sheet, section: Section, pixels: BoxXYXY | null): void;
}

/**
 * The few annotations of a view that rests: drawn once. A frame copies the sheet, and a change draws its own place, so
 * that an edit costs what it changes and not what stands beside it.
 */
export class StillPicture<Sheet> {
  private last: Section | null = null;
  private sheet: Sheet | null = null;
  private spoiled: BoxXYXY[] = [];

  /** @param pixelRatio device pixels in one of the screen's */
  constructor(
    private readonly easel: SheetEasel<Sheet>,
    private readonly pixelRatio: number,
  ) {}

  /** What is in the box changed. */
  spoil(box: BoxXYXY): void {
    if (!this.sheet) return;
    this.spoiled.push(box);
    if (this.spoiled.length > MANY) this.drop();
  }

  /** Draw it anew. */
  drop(): void {
    this.sheet = null;
    this.spoiled = [];
  }

  /** The sheet of a section; null while the view moves, when none is worth its making. */
  draw(section: Section): Sheet | null {
    const rests = this.last !== null && isSameSection(this.last, section);
    this.last = section;
    if (!rests) {
      this.drop();
      return null;
    }
    if (this.sheet === null) {
      this.sheet = this.easel.blank(section);
      this.easel.paint(this.sheet, section, null);
    }
    for (const box of this.spoiled.splice(0)) {
      const pixels = this.pixelsOf(box, section);
      if (pixels) this.easel.paint(this.sheet, section, pixels);
    }
    return this.sheet;
  }

  /** Where a box of the image is on the sheet, with its line; null where it is not seen. */
  private pixelsOf([x0, y0, x1, y1]: BoxXYXY, section: Section): BoxXYXY | null {
    const { scale, x, y, width, height } = section;
    const margin = MARGIN * this.pixelRatio;
    const left = Math.max(Math.floor(x0 * scale - x - margin), 0);
    const top = Math.max(Math.floor(y0 * scale - y - margin), 0);
    const right = Math.min(Math.ceil(x1 * scale - x + margin), width);
    const bottom = Math.min(Math.ceil(y1 * scale - y + margin), height);
    return left < right && top < bottom ? [left, top, right, bottom] : null;
  }
}
