declare module "subset-font" {
  interface Options {
    targetFormat?: "truetype" | "woff" | "woff2";
    keepFeatures?: string[];
    noHinting?: boolean;
    variationAxes?: Record<string, number | { min: number; max: number; default?: number }>;
  }
  /** A font with only the letters of the text. */
  export default function subsetFont(font: Buffer, text: string, options?: Options): Promise<Buffer>;
}
