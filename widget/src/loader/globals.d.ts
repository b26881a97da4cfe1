/** Name of the second part below /panel/assets/, with its hash as query: written in by the build. */
declare const __MORE__: string;
/** The name of the part that draws offers, with the hash of its content; written in by the build. */
declare const __OFFER__: string;
declare const __CROWD__: string;
