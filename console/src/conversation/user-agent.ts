/** Browser and system from a user agent string, coarse on purpose. Pure. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/KAKAOTALK/i, "KakaoTalk"], [/NAVER\(inapp/i, "Naver"], [/Instagram/, "Instagram"], [/Whale\//, "Whale"], [/SamsungBrowser\//, "Samsung Internet"],
  [/Edg(?:A|iOS)?\//, "Edge"], [/OPR\//, "Opera"], [/(?:Firefox|FxiOS)\//, "Firefox"], [/(?:Chrome|CriOS)\//, "Chrome"], [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"],
];

export function deviceOf(userAgent: string): { browser: string | null; system: string | null; phone: boolean } {
  const named = (list: typeof BROWSERS): string | null => list.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
  return { browser: named(BROWSERS), system: named(SYSTEMS), phone: /Mobile|iPhone|Android/.test(userAgent) };
}
