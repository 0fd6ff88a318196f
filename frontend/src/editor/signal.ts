/**
 * One value that can be watched. React reads it by `useSyncExternalStore(signal.subscribe, signal.get)`; the canvas
 * subscribes to it directly, so a moving pointer renders no component.
 */
export class Signal<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  readonly set = (value: T): void => {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener(value);
  };

  readonly subscribe = (listener: (value: T) => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };
}
