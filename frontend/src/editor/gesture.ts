import Interaction from "ol/interaction/Interaction";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import { clampPoint, distance, type Point, quantisePoint, type Size } from "../geometry/points";
import { Contacts } from "./contacts";
import { toImage } from "./coordinates";

/** A pointer event in image coordinates. */
export interface PointerStep {
  readonly type: "pointerdown" | "pointermove" | "pointerup";
  /** In the image, quantised. */
  readonly point: Point;
  /** In the map's element, in CSS pixels. */
  readonly pixel: Point;
  readonly shift: boolean;
  readonly alt: boolean;
  /** Image pixels in one CSS pixel of the screen. */
  readonly unitsPerPixel: number;
  /** How hard a pen presses, from 0 to 1; of what cannot tell, 1. */
  readonly pressure: number;
  readonly isFinger: boolean;
}

/** The press that runs was none: a second finger came, or the browser took it away. */
export interface TakenBackStep {
  readonly type: "takenback";
}

/** The user gave a command, by whatever key it has. */
export interface CommandStep {
  readonly type: "command";
  readonly id: string;
}

/** The gesture was put aside, and goes on. */
export interface ResumedStep {
  readonly type: "resumed";
}

export type Step = PointerStep | CommandStep | TakenBackStep | ResumedStep;

/** From press to release, or as long as it takes: a generator that is fed steps until it returns. */
export type Gesture = Generator<undefined, void, Step>;

export interface GestureOptions {
  /** Commands, by their ids, that belong to the gesture while it runs. */
  readonly commands?: readonly string[];
  /** Whether it takes several presses, and can go on after it was put aside. */
  readonly canResume?: boolean;
  /** Whether the ways between two frames count as well: a hand moves in curves. */
  readonly isFine?: boolean;
  /** Pointer moves while no gesture runs. */
  readonly hover?: (step: PointerStep) => void;
}

/** Runs one gesture at a time. It knows no DOM, so tests feed it lists of steps. */
export class GestureRunner {
  private current: Gesture | null = null;
  private presses = 0;
  private isPressed = false;
  private wasPutAside = false;
  /** Called before a gesture begins, but not when one goes on. */
  onBegin: () => void = () => {};
  /** Called when a gesture ends, whichever way. */
  onEnd: () => void = () => {};

  constructor(
    private readonly begin: (down: PointerStep) => Gesture,
    private readonly options: GestureOptions = {},
  ) {}

  get isFine(): boolean {
    return this.options.isFine ?? false;
  }

  get isRunning(): boolean {
    return this.current !== null;
  }

  /** The gesture that holds what is drawn: one of several presses, or a press that is held. */
  get drawing(): Gesture | null {
    return this.options.canResume || this.isPressed ? this.current : null;
  }

  /** Whether it was put aside, and nothing was pressed since it goes on. */
  get isAsResumed(): boolean {
    return this.wasPutAside && this.presses === 1;
  }

  feed(step: Step): boolean {
    if (step.type === "pointerdown") this.presses++;
    if (step.type === "pointerdown" || step.type === "pointerup") {
      this.isPressed = step.type === "pointerdown";
    }
    if (this.current) {
      if (step.type === "command" && !this.options.commands?.includes(step.id)) return false;
      this.advance(this.current, step);
      return true;
    }
    if (step.type === "pointermove") this.options.hover?.(step);
    if (step.type !== "pointerdown") return false;
    this.presses = 1;
    this.wasPutAside = false;
    this.onBegin();
    this.current = this.begin(step);
    this.advance(this.current);
    return true;
  }

  /** Escape, a change of tool, a second finger: the gesture's `finally` runs, nothing is committed. */
  cancel(): boolean {
    if (!this.current) return false;
    this.current.return();
    this.finish();
    return true;
  }

  /** Stop a gesture of several presses as it is, so that it can go on later; null when none runs. */
  putAside(): Gesture | null {
    const { current } = this;
    if (!current || !this.options.canResume) return null;
    this.finish();
    return current;
  }

  /** Go on with a gesture that was put aside. */
  resume(gesture: Gesture): void {
    this.presses = 1;
    this.wasPutAside = true;
    this.current = gesture;
    this.advance(gesture, { type: "resumed" });
  }

  /** The last press was none: a gesture of this one press is cancelled, a longer one goes on without it. */
  takeBackPress(): void {
    this.isPressed = false;
    if (this.presses > 1) this.feed({ type: "takenback" });
    else this.cancel();
  }

  private advance(gesture: Gesture, step?: Step): void {
    const { done } = step === undefined ? gesture.next() : gesture.next(step);
    if (done) this.finish();
  }

  private finish(): void {
    this.current = null;
    this.isPressed = false;
    this.onEnd();
  }
}

export function gesture(
  begin: (down: PointerStep) => Gesture,
  options: GestureOptions = {},
): GestureRunner {
  return new GestureRunner(begin, options);
}

const STEP_TYPES: Readonly<Record<string, PointerStep["type"]>> = {
  pointerdown: "pointerdown",
  pointerdrag: "pointermove",
  pointermove: "pointermove",
  pointerup: "pointerup",
};

/** How far a finger moves until it means more than a tap, or lets a second one come, in screen pixels. */
const FINGER_REACH = 8;

/** A gesture as an OpenLayers interaction. */
export class GestureInteraction extends Interaction {
  /** The pointer whose press runs; others mean nothing to it. */
  private pressing: PointerEvent | null = null;
  /** A finger's press that may still become two fingers, or a tap. */
  private held: PointerStep | null = null;

  constructor(
    private readonly runner: GestureRunner,
    private readonly size: Size,
    private readonly contacts = new Contacts(),
    /** While the hand is held (Space) a press moves the view; OpenLayers' DragPan lets it through to here. */
    private readonly isHandHeld: () => boolean = () => false,
  ) {
    super();
  }

  override handleEvent(event: MapBrowserEvent): boolean {
    const type = STEP_TYPES[event.type];
    const original = event.originalEvent;
    if (!type || !(original instanceof PointerEvent)) return true;
    this.contacts.note(original);
    const isFinger = original.pointerType === "touch";
    if (isFinger && this.contacts.areMovingView) {
      // Not a pen's press, beside which a palm lies.
      if (this.pressing?.pointerType === "touch") this.takeBack();
      return true;
    }
    // A press of the middle button pans; a "pointermove" of a drag comes again as "pointerdrag".
    if (type === "pointerdown" && (original.button !== 0 || this.isHandHeld())) return true;
    if (event.type === "pointermove" && event.dragging) return true;
    // The first of its kind: whatever pressed before is not there any more, or a finger gives way to a pen.
    if (type === "pointerdown" && original.isPrimary) this.takeBack();
    if (this.pressing && original.pointerId !== this.pressing.pointerId) return true;
    if (type === "pointerdown") this.pressing = original;
    if (original.type === "pointercancel") this.takeBack();
    if (type === "pointerup") this.pressing = null;
    return isFinger ? this.takeFinger(type, event) : this.take(type, event);
  }

  private take(type: PointerStep["type"], event: MapBrowserEvent): boolean {
    const original = event.originalEvent as PointerEvent;
    let handled = false;
    for (const one of type === "pointermove" ? this.ways(original) : [original]) {
      handled = this.runner.feed(this.stepOf(type, one, event)) || handled;
    }
    return !handled || type === "pointermove";
  }

  /** A finger presses when it has moved or is lifted: until then a second one may come. */
  private takeFinger(type: PointerStep["type"], event: MapBrowserEvent): boolean {
    const step = this.stepOf(type, event.originalEvent as PointerEvent, event);
    if (type === "pointerdown") {
      this.held = step;
      return true;
    }
    const { held } = this;
    if (!held) return this.take(type, event);
    if (type === "pointermove" && distance(held.pixel, step.pixel) < FINGER_REACH) return true;
    this.held = null;
    this.runner.feed(held);
    // A tap is a click where the finger came down, however it rolled.
    if (type === "pointerup") return !this.runner.feed({ ...held, type });
    return this.take(type, event);
  }

  private takeBack(): void {
    if (this.pressing && !this.held) this.runner.takeBackPress();
    this.pressing = null;
    this.held = null;
  }

  /** The events that the browser put together into this one. */
  private ways(original: PointerEvent): readonly PointerEvent[] {
    if (!this.runner.isFine) return [original];
    const all = original.getCoalescedEvents();
    return all.length > 0 ? all : [original];
  }

  private stepOf(type: PointerStep["type"], at: PointerEvent, event: MapBrowserEvent): PointerStep {
    const { map } = event;
    const isWhole = at === event.originalEvent;
    const pixel = isWhole ? event.pixel : map.getEventPixel(at);
    const coordinate = isWhole ? event.coordinate : map.getCoordinateFromPixel(pixel);
    return {
      type,
      point: quantisePoint(clampPoint(toImage(coordinate), this.size)),
      pixel: [pixel[0] as number, pixel[1] as number],
      shift: at.shiftKey,
      alt: at.altKey,
      unitsPerPixel: map.getView().getResolution() ?? 1,
      pressure: at.pointerType === "pen" ? at.pressure : 1,
      isFinger: at.pointerType === "touch",
    };
  }
}

/** Shift and the wheel, in steps up (1) and down (-1), as an OpenLayers interaction. */
export class WheelSteps extends Interaction {
  constructor(private readonly take: (step: 1 | -1) => void) {
    super();
  }

  override handleEvent({ originalEvent }: MapBrowserEvent): boolean {
    if (!(originalEvent instanceof WheelEvent) || !originalEvent.shiftKey) return true;
    // With Shift held most browsers report the other direction.
    const by = originalEvent.deltaY || originalEvent.deltaX;
    originalEvent.preventDefault();
    if (by !== 0) this.take(by < 0 ? 1 : -1);
    return false;
  }
}
