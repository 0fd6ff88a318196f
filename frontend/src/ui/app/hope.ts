/**
 * Call the listener when what failed may work again: the network is back, or the page is in sight again, since the timers
 * of a page in the back are slow, and those of a computer that sleeps stand still.
 *
 * @returns what ends it
 */
export function onHope(listener: () => void): () => void {
  const whenSeen = () => document.visibilityState === "visible" && listener();
  window.addEventListener("online", listener);
  document.addEventListener("visibilitychange", whenSeen);
  return () => {
    window.removeEventListener("online", listener);
    document.removeEventListener("visibilitychange", whenSeen);
  };
}
