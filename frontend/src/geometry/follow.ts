import { distance, type Point } from "./points";
import { type Ring, vertexAt, vertexCount } from "./rings";

/** A place on a ring's edge that starts from `vertex`. */
export interface PlaceOnRing {
  readonly vertex: number;
  readonly point: Point;
}

/** The vertices that one passes on a ring between two places, on the shorter way round. */
export function verticesBetween(ring: Ring, from: PlaceOnRing, to: PlaceOnRing): readonly Point[] {
  const walked: number[] = [0];
  const count = vertexCount(ring);
  for (let i = 0; i < count; i++) {
    walked.push((walked[i] as number) + distance(vertexAt(ring, i), vertexAt(ring, i + 1)));
  }
  const round = walked[count] as number;
  const along = ({ vertex, point }: PlaceOnRing) =>
    (walked[vertex] as number) + distance(vertexAt(ring, vertex), point);
  const turned = (length: number) => ((length % round) + round) % round;
  const forward = turned(along(to) - along(from));
  const isForward = forward <= round / 2;
  const whole = isForward ? forward : round - forward;
  const passed: [at: number, point: Point][] = [];
  for (let i = 0; i < count; i++) {
    const ahead = turned((walked[i] as number) - along(from));
    const at = isForward ? ahead : turned(-ahead);
    const point = vertexAt(ring, i);
    const isEnd = distance(point, from.point) === 0 || distance(point, to.point) === 0;
    if (at > 0 && at < whole && !isEnd) passed.push([at, point]);
  }
  return passed.sort(([a], [b]) => a - b).map(([, point]) => point);
}
