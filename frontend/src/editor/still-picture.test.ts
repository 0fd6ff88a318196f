import { expect, test } from "vitest";
import type { BoxXYXY } from "../geometry/boxes";
import { StillPicture } from "./still-picture";
import type { Section } from "./tile-grid";

const VIEW: Section = { scale: 2, x: 20, y: 10, width: 100, height: 80 };

function picture() {
  const painted: (BoxXYXY | null)[] = [];
  let sheets = 0;
  const easel = {
    blank: () => {
      sheets += 1;
      return { sheet: sheets };
    },
    paint: (_: { sheet: number }, __: Section, pixels: BoxXYXY | null) => painted.push(pixels),
  };
  return { still: new StillPicture(easel, 1), painted };
}

test("a view that moves has none, one that rests is drawn once", () => {
  const { still, painted } = picture();
  expect(still.draw(VIEW)).toBeNull();
  expect([still.draw(VIEW), still.draw(VIEW)]).toEqual([{ sheet: 1 }, { sheet: 1 }]);
  expect(painted).toEqual([null]);
  expect(still.draw({ ...VIEW, x: 21 })).toBeNull();
  expect(still.draw({ ...VIEW, x: 21 })).toEqual({ sheet: 2 });
  expect(painted).toEqual([null, null]);
});

test("a change draws its own place, with its line, as far as it is seen", () => {
  const { still, painted } = picture();
  for (let i = 0; i < 2; i++) still.draw(VIEW);
  still.spoil([20, 15, 30.25, 25]);
  still.spoil([0, 0, 12, 9]);
  still.spoil([500, 500, 510, 510]);
  still.draw(VIEW);
  still.draw(VIEW);
  // Twice the image's pixels, less the corner, four more on each side.
  expect(painted).toEqual([null, [16, 16, 45, 44], [0, 0, 8, 12]]);
});

test("many changes, or a change of everything, are drawn as a whole", () => {
  const { still, painted } = picture();
  for (let i = 0; i < 2; i++) still.draw(VIEW);
  for (let i = 0; i < 30; i++) still.spoil([20, 15, 30, 25]);
  still.draw(VIEW);
  still.drop();
  still.draw(VIEW);
  expect(painted).toEqual([null, null, null]);
});
