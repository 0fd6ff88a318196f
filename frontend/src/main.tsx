import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./ui/app/global.css";
import { createRoot } from "react-dom/client";
import { App } from "./ui/app/App";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
