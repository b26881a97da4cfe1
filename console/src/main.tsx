/** Starts the console: styles in their layers, texts, caches, routes. */
import "./shell/trusted";
import "virtual:typeface.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/mantine.css";
import { createRoot } from "react-dom/client";
import { askAhead } from "./api/query-client";
import { App } from "./App";
import { startI18n } from "./i18n";
import { startPwa } from "./pwa";

askAhead(location.pathname);
startPwa();
const root = document.getElementById("root");
if (root) void startI18n().then(() => createRoot(root).render(<App />));
