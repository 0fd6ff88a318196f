import { Signal } from "./signal";

/** Of a pointer event, what tells who touches. */
export type Contact = Pick<PointerEvent, "type" | "pointerType" | "pointerId" | "isPrimary">;

function isLifted({ type }: Contact): boolean {
  return type === "pointerup" || type === "pointercancel";
}

/** The fingers and pens that touch the picture, and whether the fingers draw or move the view. */
export class Contacts {
  private readonly fingers = new Set<number>();
  /** Fingers that lay there with a pen: a hand that writes, which never means anything. */
  private readonly palms = new Set<number>();
  private readonly pens = new Set<number>();
  private isMoving = false;

  /** @param hasPen whether a pen was ever seen; fingers then leave the drawing to it */
  constructor(private readonly hasPen: Signal<boolean> = new Signal(false)) {}

  /** Whether the fingers that are down move the view, until the last of them is lifted. */
  get areMovingView(): boolean {
    return this.isMoving;
  }

  /** Take note of an event; the same one again changes nothing. */
  note(contact: Contact): void {
    const { type, pointerType, pointerId, isPrimary } = contact;
    const isPen = pointerType === "pen";
    if (isPen) this.hasPen.set(true);
    const down = isPen ? this.pens : this.fingers;
    if (isPen || pointerType === "touch") {
      // The first of its kind: others are not there any more, whatever became of their end.
      if (type === "pointerdown" && isPrimary) down.clear();
      if (type === "pointerdown") down.add(pointerId);
      if (isLifted(contact)) down.delete(pointerId);
    }
    if (this.pens.size > 0) for (const finger of this.fingers) this.palms.add(finger);
    for (const palm of this.palms) if (!this.fingers.has(palm)) this.palms.delete(palm);
    const areMeant = this.hasPen.get() || this.fingers.size > 1 || this.isMoving;
    this.isMoving = this.fingers.size > 0 && areMeant;
  }

  /** Those of the pointers that move the view now. */
  movers<T extends Contact>(pointers: readonly T[]): readonly T[] {
    if (!this.isMoving || this.pens.size > 0) return [];
    return pointers.filter(
      ({ pointerType, pointerId }) => pointerType === "touch" && !this.palms.has(pointerId),
    );
  }
}
