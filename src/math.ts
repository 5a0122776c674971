/** Functions beside `Math` that user sources may import from `alphagrad/math`. */

export { erf } from "./program/erf.ts";
