// Runs in each page that is measured, ours and the peers'. `move(x, y, scale)` is the page's own: it puts the point (x, y) of
// the image into the middle, `scale` screen pixels an image pixel.
(() => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  /** The time when a frame's work on the main thread is over. */
  const frameOver = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now());
        channel.port2.postMessage(null);
      });
    });

  const latencies = { pointermove: [], pointerup: [] };
  for (const type of Object.keys(latencies)) {
    addEventListener(
      type,
      (event) => frameOver().then((end) => latencies[type].push(end - event.timeStamp)),
      { capture: true },
    );
  }

  const FASTEST_PAN = 30; // screen pixels a frame: 1,800 a second
  const ZOOM = 1.05; // twice as near in a quarter of a second

  /** @param from, to scales; the same: the view is moved, else it zooms from one to the other and back */
  async function frames({ side, from, to, count }) {
    let [x, direction, scale, factor] = [side / 2, 1, from, ZOOM];
    move(x, side / 2, scale);
    for (let i = 0; i < 30; i++) await nextFrame();
    const times = [];
    let last = await nextFrame();
    for (let i = 0; i < count; i++) {
      if (from === to) {
        x += (direction * FASTEST_PAN) / scale;
        if (x > side * 0.8) direction = -1;
        if (x < side * 0.2) direction = 1;
      } else {
        scale *= factor;
        if (scale > to) factor = 1 / ZOOM;
        if (scale < from) factor = ZOOM;
      }
      move(x, side / 2 + (x - side / 2) / 8, scale);
      const now = await nextFrame();
      times.push(now - last);
      last = now;
    }
    return times;
  }

  /** Milliseconds since the page was asked for, when it is ready and two frames come in a row without a wait. */
  const interactive = (async () => {
    while (!globalThis.isReady?.()) await nextFrame();
    let last = await nextFrame();
    for (;;) {
      const now = await nextFrame();
      if (now - last < 50) return now;
      last = now;
    }
  })();

  globalThis.measure = { frames, latencies, interactive: () => interactive };
})();
