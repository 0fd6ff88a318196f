import DragPan from "ol/interaction/DragPan";
import type Interaction from "ol/interaction/Interaction";
import type BaseLayer from "ol/layer/Base";
import ImageLayer from "ol/layer/Image";
import OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import View from "ol/View";
import { type BoxXYXY, boxFromCorners } from "../geometry/boxes";
import { clampPoint, type Point, type Size } from "../geometry/points";
import type { Contacts } from "./contacts";
import { imageExtent, imageProjection, stepToMap, toImage, toMap } from "./coordinates";
import { FingerView } from "./finger-view";
import { motionMs, WheelZoom } from "./motion";
import { PictureSource } from "./picture";
import { Signal } from "./signal";
import type { PixelReader } from "./wire";

/** Screen pixels an image pixel may take at most. */
const CLOSEST = 64;
/** The farthest out shows the image at this part of the size that fits. */
const FARTHEST = 1 / 2;
const PADDING = 32;

function pictureOf(layer: BaseLayer): PictureSource | null {
  const source = layer instanceof ImageLayer ? layer.getSource() : null;
  return source instanceof PictureSource ? source : null;
}

/** What of the image is seen: the OpenLayers map and the ways to move it. */
export class Viewport {
  /** Screen pixels an image pixel takes. */
  readonly scale = new Signal(1);
  /** Where the pointer is in the image; null outside of it. */
  readonly pointer = new Signal<Point | null>(null);
  private readonly map: OlMap;
  private readonly extent: number[];
  private readonly toolInteractions: Interaction[] = [];
  private instead: BaseLayer | null = null;
  private isHeld = false;
  /** The resolution at which the image fits into the present size; null before there is any. */
  private fitting: number | null = null;

  constructor(
    private readonly size: Size,
    layers: readonly BaseLayer[],
    contacts: Contacts,
  ) {
    this.extent = imageExtent(size);
    this.map = new OlMap({
      layers: [...layers],
      controls: [],
      interactions: [
        new FingerView(contacts),
        new WheelZoom(),
        // In every tool: Space held, or the middle button.
        new DragPan({
          condition: ({ originalEvent }) =>
            originalEvent instanceof PointerEvent &&
            originalEvent.pointerType !== "touch" &&
            (originalEvent.button === 1 || (this.isHeld && originalEvent.button === 0)),
        }),
      ],
      view: this.makeView(1),
    });
    this.map.on("change:size", () => this.resize());
    this.map.on("pointermove", (event: MapBrowserEvent) => this.point(event));
    this.map.on("pointerdrag", (event: MapBrowserEvent) => this.point(event));
  }

  attach(element: HTMLElement): void {
    this.map.setTarget(element);
    element.addEventListener("pointerleave", this.forgetPointer);
  }

  dispose(): void {
    this.map.getTargetElement()?.removeEventListener("pointerleave", this.forgetPointer);
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  /** The interactions of the tool in hand; panning and zooming go before them. */
  setInteractions(interactions: readonly Interaction[]): void {
    const all = this.map.getInteractions();
    for (const old of this.toolInteractions.splice(0)) all.remove(old);
    // OpenLayers asks the last one first.
    for (const [i, interaction] of interactions.entries()) all.insertAt(i, interaction);
    this.toolInteractions.push(...interactions);
  }

  /** Show a layer over the picture instead of all others; null: the others again. */
  showInstead(layer: BaseLayer | null): void {
    const layers = this.map.getLayers();
    if (this.instead && this.instead !== layer) layers.remove(this.instead);
    if (layer && this.instead !== layer) layers.push(layer);
    this.instead = layer;
    for (const other of layers.getArray()) {
      if (!pictureOf(other) && other !== layer) other.setVisible(layer === null);
    }
  }

  setCursor(cursor: string): void {
    const element = this.map.getTargetElement();
    if (element) element.style.cursor = this.isHeld ? "grab" : cursor;
  }

  holdHand(isHeld: boolean): void {
    this.isHeld = isHeld;
  }

  readonly isHandHeld = (): boolean => this.isHeld;

  fit(): void {
    this.view.animate({
      center: this.centreOf([0, 0, this.size.width, this.size.height]),
      resolution: this.fitResolution(),
      duration: this.fitting === null ? 0 : motionMs(),
    });
  }

  /** Screen pixels an image pixel is to take, about the middle of the view. */
  zoomTo(scale: number): void {
    this.view.animate({ resolution: 1 / scale, duration: motionMs() });
  }

  zoomBy(factor: number): void {
    this.zoomTo(this.scale.get() * factor);
  }

  panBy([dx, dy]: Point): void {
    const [x, y] = this.view.getCenter() ?? [0, 0];
    const [stepX, stepY] = stepToMap([dx, dy], this.view.getResolution() ?? 1);
    this.view.setCenter([(x ?? 0) - (stepX ?? 0), (y ?? 0) - (stepY ?? 0)]);
  }

  /** Bring a box into view if none of it is to be seen. */
  reveal([x0, y0, x1, y1]: BoxXYXY): void {
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    const [left, top] = this.fromImage([x0, y0]);
    const [right, bottom] = this.fromImage([x1, y1]);
    if (right > 0 && bottom > 0 && left < width && top < height) return;
    this.view.animate({ center: this.centreOf([x0, y0, x1, y1]), duration: motionMs() });
  }

  /** Bring a box into the middle, as large as half of the view shows it, and no pixel larger than 16 on the screen. */
  show([x0, y0, x1, y1]: BoxXYXY): void {
    const [width = 1, height = 1] = this.map.getSize() ?? [];
    const resolution = Math.max((2 * (x1 - x0)) / width, (2 * (y1 - y0)) / height, 1 / 16);
    const center = this.centreOf([x0, y0, x1, y1]);
    this.view.animate({ center, resolution, duration: motionMs() });
  }

  /** Where a point of the image is in the map's element, in CSS pixels. */
  fromImage(point: Point): Point {
    const [x = 0, y = 0] = toMap(point);
    const [centreX = 0, centreY = 0] = this.view.getCenter() ?? [0, 0];
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    const resolution = this.view.getResolution() ?? 1;
    return [width / 2 + (x - centreX) / resolution, height / 2 - (y - centreY) / resolution];
  }

  /** The part of the image that is seen; all of it where nothing is shown. */
  seen(): BoxXYXY {
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    if (width === 0 || height === 0) return [0, 0, this.size.width, this.size.height];
    const { size } = this;
    const [x, y] = toImage(this.view.getCenter() ?? [0, 0]);
    const resolution = this.view.getResolution() ?? 1;
    const [w, h] = [(width * resolution) / 2, (height * resolution) / 2];
    return boxFromCorners(clampPoint([x - w, y - h], size), clampPoint([x + w, y + h], size));
  }

  /** The pixels of the picture that is shown. */
  readonly pixelsOf: PixelReader = (box, size) => {
    for (const layer of this.map.getLayers().getArray()) {
      const picture = pictureOf(layer);
      if (picture) return picture.pixelsOf(box, size);
    }
    return null;
  };

  /** Where a point of the image is on the page, in CSS pixels: what a browser test gives to its mouse. */
  toScreen(point: Point): Point {
    const [x, y] = this.fromImage(point);
    const { left, top } = this.map.getViewport()?.getBoundingClientRect() ?? { left: 0, top: 0 };
    return [left + x, top + y];
  }

  /** Call the listener when what is seen may have moved. */
  onMove(listener: () => void): () => void {
    this.map.on("postrender", listener);
    return () => {
      this.map.un("postrender", listener);
    };
  }

  private get view(): View {
    return this.map.getView();
  }

  private readonly forgetPointer = () => this.pointer.set(null);

  private point({ coordinate }: MapBrowserEvent): void {
    const at = toImage(coordinate);
    const [x, y] = clampPoint(at, this.size);
    this.pointer.set(x === at[0] && y === at[1] ? at : null);
  }

  private centreOf([x0, y0, x1, y1]: BoxXYXY): number[] {
    return toMap([(x0 + x1) / 2, (y0 + y1) / 2]);
  }

  private fitResolution(): number {
    const [width = 1, height = 1] = this.map.getSize() ?? [];
    const room = (side: number) => Math.max(side - 2 * PADDING, 1);
    return Math.max(this.size.width / room(width), this.size.height / room(height), 1 / CLOSEST);
  }

  private makeView(fitResolution: number): View {
    const view = new View({
      projection: imageProjection(this.size),
      center: this.centreOf([0, 0, this.size.width, this.size.height]),
      resolution: fitResolution,
      minResolution: 1 / CLOSEST,
      maxResolution: Math.max(fitResolution / FARTHEST, 1),
      extent: this.extent,
      // The middle of the view stays in the image; its border may be seen with room around it.
      constrainOnlyCenter: true,
      smoothExtentConstraint: false,
      smoothResolutionConstraint: false,
      enableRotation: false,
    });
    view.on("change:resolution", () => this.scale.set(1 / (view.getResolution() ?? 1)));
    return view;
  }

  /**
   * The zoom's range depends on the window, and a view's range is fixed: a new size makes a new view. An image that
   * fitted fits again; any other view stays.
   */
  private resize(): void {
    const size = this.map.getSize();
    if (!size?.[0] || !size[1]) return;
    const [center, resolution] = [this.view.getCenter(), this.view.getResolution()];
    const wasFitting = this.isFitting();
    this.fitting = this.fitResolution();
    const view = this.makeView(this.fitting);
    if (center && resolution && !wasFitting) {
      view.setCenter(center);
      view.setResolution(resolution);
    }
    this.map.setView(view);
    this.scale.set(1 / (view.getResolution() ?? 1));
  }

  private isFitting(): boolean {
    if (this.fitting === null) return true;
    const [x = 0, y = 0] = this.view.getCenter() ?? [];
    const [middleX = 0, middleY = 0] = this.centreOf([0, 0, this.size.width, this.size.height]);
    const off = Math.max(Math.abs(x - middleX), Math.abs(y - middleY));
    const resolution = this.view.getResolution() ?? 1;
    return off < resolution && Math.abs(resolution / this.fitting - 1) < 1e-6;
  }
}
