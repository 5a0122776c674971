/** Flags that take lists with commas between. */

import { InputError } from "../../errors.ts";

/** Words as they are. Throws an InputError for an empty one. */
export function wordList(flag: string): (text: string) => string[] {
  return (text) => {
    const words = text.split(",").map((word) => word.trim());
    if (words.includes(""))
      throw new InputError(`${flag}: expected names with commas between, got "${text}"`);
    return [...new Set(words)];
  };
}

/** Some of a choice, by name or by another name for it. Throws an InputError that names what there is. */
export function choiceList<Name extends string>(
  flag: string,
  choice: readonly Name[],
  aliases: Readonly<Record<string, Name>> = {},
): (text: string) => Name[] {
  return (text) =>
    wordList(flag)(text).map((word) => {
      const found = choice.find((name) => name === (aliases[word] ?? word));
      if (found === undefined)
        throw new InputError(`${flag}: expected some of ${choice.join(", ")}, got "${word}"`);
      return found;
    });
}

/** Whole numbers from 1 to a largest one. Throws an InputError that says so. */
export function countList(flag: string, largest: number): (text: string) => number[] {
  return (text) =>
    wordList(flag)(text).map((word) => {
      const value = Number(word);
      if (!Number.isSafeInteger(value) || value < 1 || value > largest)
        throw new InputError(`${flag}: expected whole numbers from 1 to ${largest}, got "${word}"`);
      return value;
    });
}
