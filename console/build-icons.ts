/** Draws the console's icons as PNG while it is built, from the one mark: no picture is kept that could fall behind it. */
import { deflateSync } from "node:zlib";
import type { Plugin } from "vite";

type Rgba = [number, number, number, number];
const BRAND: Rgba = [15, 114, 133, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const NOTHING: Rgba = [0, 0, 0, 0];
/** Points a pixel is looked at, along each side. */
const FINE = 4;

const inRounded = (x: number, y: number, left: number, top: number, right: number, bottom: number, radius: number): boolean => {
  const dx = Math.max(left + radius - x, x - (right - radius), 0);
  const dy = Math.max(top + radius - y, y - (bottom - radius), 0);
  return x >= left && x <= right && y >= top && y <= bottom && dx * dx + dy * dy <= radius * radius;
};
/** The tail of the bubble: from (11, 21) straight down to (11, 25.5) and back to its edge. */
const inTail = (x: number, y: number): boolean => x >= 11 && y >= 21 && y <= 25.5 - ((x - 11) / 5.5) * 4;
const inDot = (x: number, y: number): boolean => [11.8, 16, 20.2].some((at) => (x - at) ** 2 + (y - 15) ** 2 <= 1.6 ** 2);

/** The mark's colour at a point of its 32 × 32 field. `full` bleeds to the edges, for systems that cut their own shape. */
function colorAt(x: number, y: number, full: boolean): Rgba {
  if (inDot(x, y)) return BRAND;
  if (inRounded(x, y, 6.5, 8.5, 25.5, 21.5, 2.5) || inTail(x, y)) return WHITE;
  return full || inRounded(x, y, 0, 0, 32, 32, 8) ? BRAND : NOTHING;
}

function pixels(size: number, full: boolean): Buffer {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1) for (let column = 0; column < size; column += 1) {
    const sum = [0, 0, 0, 0];
    for (let sub = 0; sub < FINE * FINE; sub += 1) {
      // What is cut to a circle keeps its middle 80 %: the mark is drawn smaller there.
      const [x, y] = [column + ((sub % FINE) + 0.5) / FINE, row + (Math.floor(sub / FINE) + 0.5) / FINE].map((at) => (full ? (at / size - 0.5) * 40 + 16 : (at / size) * 32)) as [number, number];
      const [r, g, b, a] = colorAt(x, y, full);
      sum.forEach((held, part) => { sum[part] = held + ([r * a, g * a, b * a, a][part] ?? 0); });
    }
    const alpha = sum[3] ?? 0;
    const at = row * (size * 4 + 1) + 1 + column * 4;
    for (const part of [0, 1, 2]) rows[at + part] = alpha === 0 ? 0 : Math.round((sum[part] ?? 0) / alpha);
    rows[at + 3] = Math.round(alpha / (FINE * FINE));
  }
  return rows;
}

function crc(data: Buffer): number {
  let value = 0xffffffff;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, check]);
}

function png(size: number, full: boolean): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(pixels(size, full), { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

const ICONS = [{ name: "icon-192.png", size: 192, full: false }, { name: "icon-512.png", size: 512, full: false }, { name: "icon-maskable-512.png", size: 512, full: true }, { name: "icon-180.png", size: 180, full: true }];

/** Puts the icons beside the page, and names the one that phones look for. */
export function icons(): Plugin {
  return {
    name: "stalk-icons",
    apply: "build",
    generateBundle() {
      for (const { name, size, full } of ICONS) this.emitFile({ type: "asset", fileName: name, source: png(size, full) });
    },
    transformIndexHtml: () => [{ tag: "link", attrs: { rel: "apple-touch-icon", href: "/console/icon-180.png" }, injectTo: "head" }],
  };
}
