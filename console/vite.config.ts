import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { ahead } from "./build-ahead";
import { fonts } from "./build-fonts";
import { icons } from "./build-icons";

// `BACKEND` is where `npm run dev` finds the API and the sockets: the mock of dev/mock.mjs, or a real server.
const backend = process.env["BACKEND"] ?? "http://127.0.0.1:28171";

export default defineConfig({
  base: "/console/",
  plugins: [react(), fonts(), icons(), ahead()],
  // The server puts another one into each answer (backend/src/pages/console.rs).
  html: { cspNonce: "nonce-of-this-answer" },
  build: {
    target: ["chrome123", "firefox121", "safari17.5"],
    // Fonts and images must be files of our own origin: the policy has no `data:` for fonts.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  server: {
    proxy: {
      "/api": backend,
      // The pages that the server makes itself, and what they look with.
      "/sign-in": backend,
      "/set-up": backend,
      "/assets": backend,
      "/socket.io": { target: backend, ws: true },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
