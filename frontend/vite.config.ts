import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
  build: {
    // The server's content policy allows fonts and scripts from itself only: nothing may become a data: URL.
    assetsInlineLimit: 0,
    sourcemap: false,
    // Libraries in chunks of their own: they change less often than the app, so a browser keeps them over an update.
    // OpenLayers comes with the editor, when the first image is opened.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|react-router|scheduler)\// },
            { name: "mantine", test: /node_modules\/(@mantine|@floating-ui)\// },
            { name: "openlayers", test: /node_modules\/(ol|rbush|quickselect)\// },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    // One DOM for each worker, and modules loaded once: made anew for each file they took twice as long as the tests.
    isolate: false,
    include: ["src/**/*.test.{ts,tsx}"],
    // Some go through every mask of 4 × 4 pixels; on a busy machine that takes a while.
    testTimeout: 30_000,
    setupFiles: ["src/test-setup.ts"],
  },
});
