/** The colours a tag can have, as hues; the server keeps the place in this list and knows how many there are (`COLORS` of backend/src/tags.rs). */
export const HUES = [212, 155, 55, 25, 300, 265, 95, 340, 185, 130, 235, 75] as const;

/** For style sheets that read `--hue`. */
export const hueOf = (color: number): React.CSSProperties => ({ "--hue": HUES[color % HUES.length] }) as React.CSSProperties;
