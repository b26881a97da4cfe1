/** The console as an app of the device: its worker, and the browser's offer to install it. */
import { createStore, useStore } from "./store";

interface InstallOffer extends Event { prompt(): Promise<{ outcome: "accepted" | "dismissed" }> }
const offer = createStore<InstallOffer | null>(null);

export function startPwa(): void {
  addEventListener("beforeinstallprompt", (event) => {
    // The browser's own bar would come at a moment of its choosing; the profile has a button.
    event.preventDefault();
    offer.set(event as InstallOffer);
  });
  addEventListener("appinstalled", () => offer.set(null));
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    void navigator.serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`, { scope: import.meta.env.BASE_URL }).catch(() => undefined);
  }
}

/** Installs the console, where the browser offers that and it is not done yet. */
export function useInstall(): (() => void) | null {
  const held = useStore(offer);
  if (!held) return null;
  return () => void held.prompt().then(({ outcome }) => { if (outcome === "accepted") offer.set(null); });
}
