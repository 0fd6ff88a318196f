import type { UploadAnswer } from "../../api/client";
import { Signal } from "../../editor/signal";

export interface UploadItem {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  readonly state: "waiting" | "sending" | "added" | "duplicate" | "refused";
  /** Part sent, 0 to 1. */
  readonly progress: number;
  /** Why it was refused. */
  readonly reason: string;
}

export type UploadFiles = (
  files: readonly File[],
  onProgress: (part: number) => void,
) => Promise<UploadAnswer>;

interface Waiting {
  readonly key: number;
  readonly file: File;
}

const PER_REQUEST = 4;
const BYTES_PER_REQUEST = 32 * 1024 * 1024;
const AT_ONCE = 2;

/** Sends files in small batches, two at a time, and says what became of each. */
export class Uploads {
  readonly items = new Signal<readonly UploadItem[]>([]);
  private waiting: Waiting[] = [];
  private running = 0;
  private nextKey = 1;

  constructor(
    private readonly upload: UploadFiles,
    private readonly describe: (error: unknown) => string,
    private readonly added: () => void,
  ) {}

  add(files: readonly File[]): void {
    const fresh = files.map((file) => ({ key: this.nextKey++, file }));
    this.waiting.push(...fresh);
    this.items.set([
      ...this.items.get(),
      ...fresh.map(
        ({ key, file }): UploadItem => ({
          key,
          name: file.name,
          bytes: file.size,
          state: "waiting",
          progress: 0,
          reason: "",
        }),
      ),
    ]);
    while (this.running < AT_ONCE && this.waiting.length > 0) void this.work();
  }

  clear(): void {
    this.items.set(
      this.items.get().filter(({ state }) => state === "waiting" || state === "sending"),
    );
  }

  private async work(): Promise<void> {
    this.running += 1;
    while (this.waiting.length > 0) await this.send(this.nextBatch());
    this.running -= 1;
  }

  private nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    while (this.waiting.length > 0 && batch.length < PER_REQUEST) {
      bytes += this.waiting[0]?.file.size ?? 0;
      if (batch.length > 0 && bytes > BYTES_PER_REQUEST) break;
      batch.push(...this.waiting.splice(0, 1));
    }
    return batch;
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    const all = new Set(batch.map(({ key }) => key));
    this.set(all, { state: "sending" });
    try {
      const answer = await this.upload(
        batch.map(({ file }) => file),
        (progress) => this.set(all, { progress }),
      );
      this.settle(batch, answer);
      this.added();
    } catch (error) {
      this.set(all, { state: "refused", reason: this.describe(error) });
    }
  }

  /** The answer tells files by their place in the request. */
  private settle(batch: readonly Waiting[], answer: UploadAnswer): void {
    for (const [index, { key }] of batch.entries()) {
      const refusal = answer.refused.find((file) => file.index === index);
      const isCopy = answer.duplicates.some((file) => file.index === index);
      const state = refusal ? "refused" : isCopy ? "duplicate" : "added";
      const reason = refusal ? refusal.detail || refusal.title : "";
      this.set(new Set([key]), { state, reason, progress: 1 });
    }
  }

  private set(keys: ReadonlySet<number>, part: Partial<UploadItem>): void {
    this.items.set(
      this.items.get().map((item) => (keys.has(item.key) ? { ...item, ...part } : item)),
    );
  }
}
