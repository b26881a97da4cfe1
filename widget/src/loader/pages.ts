// Which page the visitor is on, also within a single-page application; nothing of the host page is patched for it.

import type { Page } from '../shared/wire';
import { listen } from './life';
import { readProduct } from './product';

const ADDRESS = 2048;

/** As much of it as the server takes; a title is cut between characters, never within one. */
export function currentPage(): Page {
  return {
    url: location.href.slice(0, ADDRESS), title: /^.{0,300}/su.exec(document.title)![0], referrer: document.referrer.slice(0, ADDRESS),
    product: readProduct(Array.from(document.querySelectorAll('[type="application/ld+json"]'), (script) => script.textContent!)),
  };
}

/** Calls back after the address changed without a load. */
export function watchPages(moved: () => void): void {
  let seen = location.href;
  // Frameworks set the title after the address.
  const look = (): void => {
    setTimeout(() => {
      if (seen !== (seen = location.href)) moved();
    }, 100);
  };
  const navigation = (window as { navigation?: EventTarget }).navigation;
  if (navigation) listen(navigation, 'currententrychange', look);
  else {
    listen(window, 'popstate', look);
    listen(document, 'click', look);
  }
}
