import { backOffMs, sleep } from "./back-off";
import { newId } from "./ids";
import { Signal } from "./signal";
import type { StateJournal, StateSetting, WorkState } from "./state-journal";

/** What became of a state that was sent. */
export type StateOutcome =
  | { readonly kind: "stored" }
  /** Somebody else set another one meanwhile, which stands. */
  | { readonly kind: "conflict"; readonly state: WorkState }
  /** To send it again cannot help. */
  | { readonly kind: "refused"; readonly detail: string }
  /** The server does not take it now. */
  | { readonly kind: "not-now" }
  /** Nobody answers: the others need not be tried. */
  | { readonly kind: "unreachable" }
  | { readonly kind: "signed-out" };

/** An image as a page shows it; `state` is what the server had when it was asked last. */
export interface ShownImage {
  readonly id: number;
  readonly project_id: number;
  readonly name: string;
  readonly state: WorkState;
}

/** What the server says that an image's state is. */
export type StoredState = Pick<StateSetting, "image_id" | "project_id" | "state">;

export interface StateOutboxOptions {
  readonly journal: StateJournal;
  readonly send: (setting: StateSetting) => Promise<StateOutcome>;
  readonly refused: (setting: StateSetting, detail: string) => void;
  /** Somebody else set `state`; the setting is given up. */
  readonly conflict: (setting: StateSetting, state: WorkState) => void;
  /** It could not be written to this computer's disk. */
  readonly notJournaled: (error: unknown) => void;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Rests when nobody answers; the others that rest are settings, by their ids. */
const SERVER = "the server";
const NONE: ReadonlySet<number> = new Set();

/** The states over which one is set: all that the server may have by what this page knows. */
function statesBefore(image: ShownImage, waiting: StateSetting | undefined): WorkState[] {
  // Of those that wait any may have arrived, and its answer been lost.
  if (waiting) return [...new Set([...waiting.was, waiting.state])];
  // Edits, those of this user too, make a new image one in progress.
  return image.state === "new" ? ["new", "in_progress"] : [image.state];
}

/** Sends the states that the user gives images, one at a time, again until the server has them; of each image the last. */
export class StateOutbox {
  /** What the server said last; set before the setting counts as no longer waiting. */
  readonly stored = new Signal<StoredState | null>(null);
  /** The images whose state was tried and not taken. */
  readonly stuck = new Signal(NONE);
  readonly journal: StateJournal;
  private running: Promise<void> | null = null;
  private wake: () => void = () => {};
  /** Not to be tried yet; each has a wait of its own. */
  private readonly resting = new Map<string, symbol>();
  private readonly failures = new Map<string, number>();
  /** How many edits of an image wait: its state is not to be there before them. */
  private edits: ReadonlyMap<number, number> = new Map();
  /** Not to be sent once more, even where the disk does not forget them. */
  private readonly over = new Set<string>();

  constructor(private readonly options: StateOutboxOptions) {
    this.journal = options.journal;
  }

  set(image: ShownImage, state: WorkState): void {
    const { id, project_id, name } = image;
    const was = statesBefore(image, this.journal.waiting.get().get(id));
    const setting = { image_id: id, project_id, image_name: name, state, was, setting_id: newId() };
    this.journal.put(setting).catch(this.options.notJournaled);
    // It is not to wait until another one's time has come.
    this.resting.delete(SERVER);
    this.wake();
    this.flush();
  }

  /**
   * Let the state of an image wait until its edits are sent: who sees it as done must see what was done.
   *
   * @returns what ends it
   */
  followEdits(counts: Signal<ReadonlyMap<number, number>>): () => void {
    const look = (edits: ReadonlyMap<number, number>) => {
      this.edits = edits;
      this.wake();
    };
    look(counts.get());
    return counts.subscribe(look);
  }

  /** Send what waits, that of earlier visits and of other tabs included. */
  readonly flush = (): void => {
    this.running ??= this.drain().finally(() => {
      this.running = null;
    });
  };

  /** Do not wait out the back-off: the network may be back. */
  readonly retryNow = (): void => {
    this.failures.clear();
    this.resting.clear();
    this.wake();
    this.flush();
  };

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async drain(): Promise<void> {
    for (;;) {
      // Another tab may have set or sent what this one knows.
      await this.journal.refresh().catch(() => {});
      const waiting = this.toSend();
      if (waiting.length === 0) break;
      const next = this.nextOf(waiting);
      if (!next) await this.rest();
      else if ((await this.sendOne(next)) === "signed-out") return;
    }
    this.failures.clear();
    this.stuck.set(NONE);
  }

  private toSend(): StateSetting[] {
    const waiting = [...this.journal.waiting.get().values()];
    return waiting.filter(({ setting_id }) => !this.over.has(setting_id));
  }

  /** First those that were not tried: one that is not taken may keep the line busy for long. */
  private nextOf(waiting: readonly StateSetting[]): StateSetting | undefined {
    if (this.resting.has(SERVER)) return undefined;
    const due = waiting.filter(
      ({ setting_id, image_id }) => !this.resting.has(setting_id) && !this.edits.has(image_id),
    );
    return due.find(({ setting_id }) => !this.failures.has(setting_id)) ?? due[0];
  }

  private async sendOne(setting: StateSetting): Promise<StateOutcome["kind"]> {
    const outcome = await this.options.send(setting);
    if (outcome.kind !== "unreachable") this.failures.delete(SERVER);
    switch (outcome.kind) {
      case "unreachable":
      case "signed-out":
        this.stuck.set(new Set(this.toSend().map(({ image_id }) => image_id)));
        if (outcome.kind === "unreachable") this.fail(SERVER);
        break;
      case "not-now":
        this.stuck.set(new Set([...this.stuck.get(), setting.image_id]));
        this.fail(setting.setting_id);
        break;
      default:
        await this.end(setting, outcome);
    }
    return outcome.kind;
  }

  private async end(
    setting: StateSetting,
    outcome: Extract<StateOutcome, { kind: "stored" | "conflict" | "refused" }>,
  ): Promise<void> {
    const { image_id, project_id, setting_id, state } = setting;
    this.over.add(setting_id);
    this.failures.delete(setting_id);
    this.stuck.set(new Set([...this.stuck.get()].filter((id) => id !== image_id)));
    if (outcome.kind === "refused") this.options.refused(setting, outcome.detail);
    else if (outcome.kind === "stored") this.stored.set({ image_id, project_id, state });
    else {
      this.options.conflict(setting, outcome.state);
      this.stored.set({ image_id, project_id, state: outcome.state });
    }
    // A disk that does not forget it is one more reason to know what is over.
    await this.journal.remove(setting).catch(() => {});
  }

  /** Not to be tried for a while, longer each time. */
  private fail(what: string): void {
    const failures = (this.failures.get(what) ?? 0) + 1;
    const rest = Symbol(what);
    this.failures.set(what, failures);
    this.resting.set(what, rest);
    const wait = this.options.wait ?? sleep;
    void wait(backOffMs(failures)).then(() => {
      if (this.resting.get(what) !== rest) return;
      this.resting.delete(what);
      this.wake();
    });
  }

  /** Until the time of one that rests has come, or the user set another one. */
  private async rest(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    await this.journal.writeUnkept();
    await woken;
  }
}
