import { MantineProvider } from "@mantine/core";
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";

/** React then waits for `act`, and warns where a test forgot it. jsdom has no media to ask about, which Mantine does. */
const GLOBALS = {
  IS_REACT_ACT_ENVIRONMENT: true,
  matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
};

/** A component on a page of its own, as the app shows it, until `unmount`. */
export async function mount(component: ReactNode) {
  Object.assign(globalThis, GLOBALS);
  const container = document.body.appendChild(document.createElement("div"));
  const root = createRoot(container);
  const page = (
    <MantineProvider forceColorScheme="dark" env="test">
      {component}
    </MantineProvider>
  );
  await act(async () => root.render(page));
  const unmount = async () => {
    await act(async () => root.unmount());
    container.remove();
    for (const name of Object.keys(GLOBALS)) Reflect.deleteProperty(globalThis, name);
  };
  return { container, unmount };
}
