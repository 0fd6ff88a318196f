import { distance, type Point } from "../geometry/points";

/** The length of a line, its sides and its angle against the horizontal: "12.4 px · 10.0 × 7.3 · 36.1°". */
export function measureText(a: Point, b: Point): string {
  const [dx, dy] = [Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1])];
  const angle = (Math.atan2(a[1] - b[1], b[0] - a[0]) * 180) / Math.PI;
  // Without "-0.0".
  const degrees = (Math.round(angle * 10) / 10 + 0).toFixed(1);
  return `${distance(a, b).toFixed(1)} px · ${dx.toFixed(1)} × ${dy.toFixed(1)} · ${degrees}°`;
}
