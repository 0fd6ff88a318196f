import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./ui/app/global.css";
import { createRoot } from "react-dom/client";
import { sendEdits } from "./api/edits";
import { sendLeftovers } from "./editor/leftovers";
import { App } from "./ui/app/App";
import { journal } from "./ui/app/journal";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);

// Edits that a lost network or a closed tab left behind do not wait until their image is opened again.
void journal.then((kept) => sendLeftovers(kept, sendEdits));
