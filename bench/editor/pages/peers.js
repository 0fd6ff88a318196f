// The same picture and polygons as plain SVG paths over an image, as CVAT shows them, or given to Annotorious. Both are moved
// by a CSS transform of what holds image and drawing: neither has a view of its own.
(async () => {
  const { rings, colors, side } = await (await fetch("scene.json")).json();
  const query = new URLSearchParams(location.search);
  const count = Number(query.get("count"));
  const stage = document.getElementById("stage");
  const image = document.getElementById("image");
  const shown = document.getElementById("window").getBoundingClientRect();
  await image.decode();
  let rescale = () => {};
  let at = { left: 0, top: 0, scale: 1 };

  globalThis.move = (x, y, scale) => {
    at = { left: shown.width / 2 - x * scale, top: shown.height / 2 - y * scale, scale };
    stage.style.transform = `translate(${at.left}px, ${at.top}px) scale(${scale})`;
    rescale(scale);
  };
  globalThis.toScreen = ([x, y]) => [
    shown.left + at.left + x * at.scale,
    shown.top + at.top + y * at.scale,
  ];

  const points = (ring) =>
    Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i], ring[2 * i + 1]]);

  function plainSvg() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", side);
    svg.setAttribute("height", side);
    let selected = null;
    for (const [index, ring] of rings.slice(0, count).entries()) {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M${points(ring).map((point) => point.join(",")).join("L")}Z`);
      const color = colors[index % colors.length];
      path.setAttribute("fill", color);
      path.setAttribute("stroke", color);
      path.setAttribute("fill-opacity", 0.3);
      path.addEventListener("pointerup", () => {
        selected?.classList.remove("selected");
        path.classList.add("selected");
        selected = path;
      });
      path.addEventListener("pointerenter", () => path.setAttribute("fill-opacity", 0.45));
      path.addEventListener("pointerleave", () => path.setAttribute("fill-opacity", 0.3));
      svg.append(path);
    }
    stage.append(svg);
    let last = 0;
    // Lines keep their width on the screen.
    rescale = (scale) => {
      if (scale !== last) svg.setAttribute("stroke-width", 1.5 / scale);
      last = scale;
    };
  }

  function annotorious() {
    const annotator = Annotorious.createImageAnnotator("image", { drawingEnabled: false });
    annotator.setAnnotations(
      rings.slice(0, count).map((ring, index) => {
        const vertices = points(ring);
        const xs = vertices.map(([x]) => x);
        const ys = vertices.map(([, y]) => y);
        const bounds = {
          minX: Math.min(...xs),
          minY: Math.min(...ys),
          maxX: Math.max(...xs),
          maxY: Math.max(...ys),
        };
        const selector = { type: "POLYGON", geometry: { bounds, points: vertices } };
        return { id: `a-${index}`, bodies: [], target: { annotation: `a-${index}`, selector } };
      }),
    );
  }

  if (query.get("who") === "annotorious") annotorious();
  else plainSvg();
  move(side / 2, side / 2, Math.min(shown.width, shown.height) / side);
  globalThis.isReady = () => true;
})();
