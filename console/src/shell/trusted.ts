/**
 * What may become markup or code in this page, where the browser asks (Trusted Types): style sheets of the component library, which are text
 * inside a `style` element, and our own worker. Everything else is refused, whoever wrote it. And the nonce that style sheets carry.
 */
interface Policy { createHTML(text: string): string | null; createScriptURL(url: string): string | null }
declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, policy: Policy): unknown };
    /** Where the library that locks scrolling looks for it. */
    __webpack_nonce__?: string;
  }
}

const WORKER = `${import.meta.env.BASE_URL}sw.js`;

window.trustedTypes?.createPolicy("default", {
  // Without this sign no element and no entity of one can begin.
  createHTML: (text) => (text.includes("<") ? null : text),
  createScriptURL: (url) => (url === WORKER ? url : null),
});

export const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
window.__webpack_nonce__ = nonce;
