// Where the snippet says we are: the script's own address and site key, or the old `stalkConfig` of first-generation sites.

export type Config = [base: string, site: string];

export function readConfig(): Config | null {
  const script = document.currentScript as HTMLScriptElement | null;
  const old = (window as { stalkConfig?: { server?: string; id?: string } }).stalkConfig;
  const site = script?.dataset.site || old?.id;
  try {
    return site ? [new URL(script?.src || old!.server!).origin, site] : null;
  } catch {
    return null;
  }
}
