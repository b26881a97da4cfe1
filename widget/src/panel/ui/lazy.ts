import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A component that is fetched when it is first wanted; null until it is here. `failed` when it could not be had. */
export function useLazy<P>(fetch: () => Promise<ComponentType<P>>, wanted: boolean): { view: ComponentType<P> | null; failed: boolean } {
  const [state, set] = useState<{ view: ComponentType<P> | null; failed: boolean }>({ view: null, failed: false });
  useEffect(() => {
    if (wanted && !state.view) fetch().then((view) => set({ view, failed: false }), () => set({ view: null, failed: true }));
  }, [wanted]);
  return state;
}
