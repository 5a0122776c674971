/** The text of a file, as the build and vitest give it for `import text from "./file.ext?raw"`. */
declare module "*?raw" {
  const text: string;
  export default text;
}
