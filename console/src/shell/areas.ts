/** The pages behind the one entry "Settings". */
export const isSettings = (path: string): boolean => /^\/(settings|sites|people|canned-responses|tags|developers|profile|promotions|virtual-agent|nodes)\b/.test(path);
