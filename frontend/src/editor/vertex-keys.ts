import { clampPoint, type Point } from "../geometry/points";
import {
  insertVertices,
  moveVertices,
  type Polygons,
  ringAt,
  type VertexAddress,
  vertexOf,
} from "../geometry/polygons";
import { vertexAt, vertexCount } from "../geometry/rings";
import type { Editor } from "./editor";
import { reshapable } from "./reshapable";
import { companyOf } from "./reshape";

// Vertices by the keyboard alone: one is picked, and then moved, deleted or given a neighbour as if the pointer were on it.

function addresses(polygons: Polygons): VertexAddress[] {
  return polygons.flatMap((rings, part) =>
    rings.flatMap((points, ring) =>
      Array.from({ length: vertexCount(points) }, (_, vertex) => ({ part, ring, vertex })),
    ),
  );
}

function pick(editor: Editor, polygons: Polygons, address: VertexAddress): void {
  editor.hotVertex.set({ kind: "vertex", address });
  const [x, y] = vertexOf(polygons, address);
  editor.viewport.reveal([x, y, x, y]);
}

/** Pick the next vertex (1) or the one before (-1) of what is selected; the first one when none is picked. */
export function pickVertex(editor: Editor, step: 1 | -1): void {
  const target = reshapable(editor);
  if (!target) return;
  const all = addresses(target.polygons);
  const hot = editor.hotVertex.get();
  const at = all.findIndex(
    ({ part, ring, vertex }) =>
      part === hot?.address.part && ring === hot.address.ring && vertex === hot.address.vertex,
  );
  const next = all[at < 0 ? 0 : (at + step + all.length) % all.length];
  if (next) pick(editor, target.polygons, next);
}

/** Move the picked vertex, and those that neighbours share with it; false when none is picked. */
export function nudgeVertex(editor: Editor, [dx, dy]: Point): boolean {
  const target = reshapable(editor);
  const hot = editor.hotVertex.get();
  if (!target || hot?.kind !== "vertex") return false;
  const [x, y] = vertexOf(target.polygons, hot.address);
  const to = clampPoint([x + dx, y + dy], editor.image);
  if (to[0] === x && to[1] === y) return true;
  const moved = moveVertices(target.polygons, [hot.address], to);
  target.commit("Move vertex", moved, companyOf(target, hot)(to));
  pick(editor, moved, hot.address);
  return true;
}

/** Put a vertex half way to the next one, and pick it. */
export function insertAfterPicked(editor: Editor): void {
  const target = reshapable(editor);
  const hot = editor.hotVertex.get();
  if (!target || hot?.kind !== "vertex") return;
  const { address } = hot;
  const ring = ringAt(target.polygons, address);
  const [a, b] = [vertexAt(ring, address.vertex), vertexAt(ring, address.vertex + 1)];
  const point: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const more = insertVertices(target.polygons, [address], point);
  target.commit("Insert vertex", more, companyOf(target, { kind: "place", address, point })(point));
  pick(editor, more, { ...address, vertex: address.vertex + 1 });
}
