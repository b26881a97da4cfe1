/** Time zones as people look for them: "Asia/Seoul (GMT+9)". Pure but for what the browser knows. */
export const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function offsetName(zone: string, at: number, language: string): string {
  try {
    return new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
  } catch {
    return "";
  }
}

export function zoneOptions(language: string, at: number, held: string | null): { value: string; label: string }[] {
  const names = new Set([...Intl.supportedValuesOf("timeZone"), "UTC", localZone(), ...(held ? [held] : [])]);
  return [...names].sort().map((zone) => ({ value: zone, label: `${zone.replaceAll("_", " ")} (${offsetName(zone, at, language)})` }));
}
