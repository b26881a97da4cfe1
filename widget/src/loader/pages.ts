// Which page the visitor is on, also within a single-page application; nothing of the host page is patched for it.

import type { Page } from '../shared/wire';
import { listen } from './life';

export function currentPage(): Page {
  return { url: location.href, title: document.title, referrer: document.referrer };
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
