/** Comments of generated JavaScript and C that no text in them can end. */

/** Text that a line comment can hold: without line breaks, nor the backslash that makes one in C. */
export function oneLine(text: string): string {
  return withoutTrigraphs(text).replace(/\s+/g, " ").replaceAll("\\", "/").trim();
}

/** A block comment. */
export function blockComment(text: string): string {
  const safe = withoutTrigraphs(text)
    .replaceAll("*/", "*\\/")
    .replaceAll("/*", "/\\*")
    .split("\n")
    .map((line) => ` * ${line}`.trimEnd());
  return ["/**", ...safe, " */"].join("\n");
}

/** C99 reads two question marks and a third character as one. */
function withoutTrigraphs(text: string): string {
  return text.replaceAll("??", "? ?");
}
