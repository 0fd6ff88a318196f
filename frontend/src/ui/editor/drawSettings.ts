import { CROSSHAIR, type Crosshair, isCrosshair } from "../../editor/crosshair";
import {
  DIAMETER,
  type DrawSettings,
  NARROWEST,
  OPACITY,
  WIDEST,
} from "../../editor/draw-settings";
import { Signal } from "../../editor/signal";
import { persisted } from "../shared/persisted";

const isDiameter = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= NARROWEST && (value as number) <= WIDEST;
const isShare = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && value <= 1;
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

/** What this browser remembers of how annotations are drawn by hand. */
export const drawing: DrawSettings = {
  diameter: persisted<number>("segmentarium.diameter", DIAMETER, isDiameter),
  isUnderneath: persisted<boolean>("segmentarium.underneath", false, isFlag),
  snaps: persisted<boolean>("segmentarium.snaps", true, isFlag),
  opacity: persisted<number>("segmentarium.opacity", OPACITY, isShare),
  crosshair: persisted<Crosshair>("segmentarium.crosshair", CROSSHAIR, isCrosshair),
  hasPen: new Signal(false),
  isByPressure: persisted<boolean>("segmentarium.pressure", false, isFlag),
  isByInstance: persisted<boolean>("segmentarium.by-instance", false, isFlag),
};
