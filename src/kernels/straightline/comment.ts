/** Comments of generated JavaScript and C that no text in them can end. */

/** Text that a line comment can hold: without line breaks, nor what makes one in C (a backslash, in trigraphs too). */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("\\", "/").replaceAll("??", "? ?").trim();
}

/** A block comment. */
export function blockComment(text: string): string {
  const safe = text
    .replaceAll("*/", "*\\/")
    .replaceAll("/*", "/\\*")
    .split("\n")
    .map((line) => ` * ${line}`.trimEnd());
  return ["/**", ...safe, " */"].join("\n");
}
