/** Name of the second part below /panel/assets/, with its hash as query: written in by the build. */
declare const __MORE__: string;
