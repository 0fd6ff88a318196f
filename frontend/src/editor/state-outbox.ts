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
  /** Whether what waits was tried and not taken. */
  readonly isStuck = new Signal(false);
  readonly journal: StateJournal;
  private running: Promise<void> | null = null;
  private failures = 0;
  private wake: () => void = () => {};
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
    this.flush();
  }

  /** Send what waits, that of earlier visits and of other tabs included. */
  readonly flush = (): void => {
    this.running ??= this.drain().finally(() => {
      this.running = null;
    });
  };

  /** Do not wait out the back-off: the network may be back. */
  readonly retryNow = (): void => {
    this.failures = 0;
    this.wake();
    this.flush();
  };

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async drain(): Promise<void> {
    for (;;) {
      const round = await this.refreshed();
      if (round.length === 0) break;
      const outcomes: StateOutcome["kind"][] = [];
      for (const { setting_id } of round) {
        const setting = (await this.refreshed()).find((one) => one.setting_id === setting_id);
        if (setting) outcomes.push(await this.sendOne(setting));
        if (outcomes.at(-1) === "signed-out" || outcomes.at(-1) === "unreachable") break;
      }
      if (outcomes.includes("signed-out")) {
        this.isStuck.set(true);
        return;
      }
      if (outcomes.includes("unreachable") || outcomes.includes("not-now")) await this.backOff();
    }
    this.failures = 0;
    this.isStuck.set(false);
  }

  /** Another tab may have set or sent what this one knows. */
  private async refreshed(): Promise<StateSetting[]> {
    await this.journal.refresh().catch(() => {});
    const waiting = [...this.journal.waiting.get().values()];
    return waiting.filter(({ setting_id }) => !this.over.has(setting_id));
  }

  private async sendOne(setting: StateSetting): Promise<StateOutcome["kind"]> {
    const outcome = await this.options.send(setting);
    const { image_id, project_id, state } = setting;
    switch (outcome.kind) {
      case "stored":
        this.stored.set({ image_id, project_id, state });
        break;
      case "conflict":
        this.options.conflict(setting, outcome.state);
        this.stored.set({ image_id, project_id, state: outcome.state });
        break;
      case "refused":
        this.options.refused(setting, outcome.detail);
        break;
      default:
        return outcome.kind;
    }
    this.over.add(setting.setting_id);
    // A disk that does not forget it is one more reason to know what is over.
    await this.journal.remove(setting).catch(() => {});
    return outcome.kind;
  }

  private async backOff(): Promise<void> {
    this.failures += 1;
    this.isStuck.set(true);
    await this.journal.writeUnkept();
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const wait = this.options.wait ?? sleep;
    await Promise.race([wait(backOffMs(this.failures)), woken]);
  }
}
