// The editor, moved as its interactions move it: by its map's view.
const mapOf = () => globalThis.__segmentarium?.editor.viewport.map;
let watched = null;
let isComplete = false;
/** Ready when the image and all annotations in view have been drawn. */
globalThis.isReady = () => {
  const map = mapOf();
  if (map && map !== watched) {
    watched = map;
    map.once("rendercomplete", () => {
      isComplete = true;
    });
  }
  return isComplete;
};
globalThis.move = (x, y, scale) => {
  const view = mapOf().getView();
  view.setResolution(1 / scale);
  view.setCenter([x, -y]);
};
globalThis.toScreen = (point) => globalThis.__segmentarium.editor.viewport.toScreen(point);
/** Milliseconds from the next key to the frame that shows another image whole. */
globalThis.nextShown = () => {
  const before = mapOf();
  return new Promise((resolve) => {
    const look = (pressed) => {
      const map = mapOf();
      if (!map || map === before) return requestAnimationFrame(() => look(pressed));
      map.once("rendercomplete", () => resolve(performance.now() - pressed));
      map.render();
    };
    const options = { capture: true, once: true };
    addEventListener("keydown", (event) => look(event.timeStamp), options);
  });
};
