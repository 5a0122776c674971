/**
 * Expressions of a target language as text that knows its precedence, so that they nest with the fewest parentheses.
 *
 * JavaScript, C and Python agree on the operators that are here. Numbers and conditions are apart: what an operator takes is what its caller
 * made a number or a condition.
 */

/** Binding strength of an expression's outermost operator; higher binds tighter. */
export const Precedence = {
  conditional: 1,
  or: 2,
  and: 3,
  equality: 4,
  relational: 5,
  additive: 6,
  multiplicative: 7,
  power: 8,
  unary: 9,
  call: 10,
  atom: 11,
} as const;
export type Precedence = (typeof Precedence)[keyof typeof Precedence];

export interface Expression {
  readonly text: string;
  readonly precedence: Precedence;
  /** Whether it is a condition. Conditions stay conditions until a number is needed. */
  readonly boolean: boolean;
  /** How many operators and calls it holds. */
  readonly operations: number;
  /** The local names that it reads. */
  readonly reads: readonly string[];
}

/** Whether it is a name or a literal, so that to repeat it costs nothing. */
export function isAtom({ operations }: Expression): boolean {
  return operations === 0;
}

/** A local name. */
export function reference(name: string, boolean = false): Expression {
  return { text: name, precedence: Precedence.atom, boolean, operations: 0, reads: [name] };
}

/** A literal; one that begins with a sign binds as a signed number does. */
export function literalText(text: string): Expression {
  const precedence = text.startsWith("-") ? Precedence.unary : Precedence.atom;
  return { text, precedence, boolean: false, operations: 0, reads: [] };
}

/** An expression of one operator or call over others. */
export function compound(
  text: string,
  precedence: Precedence,
  parts: readonly Expression[],
  boolean = false,
): Expression {
  return {
    text,
    precedence,
    boolean,
    operations: 1 + parts.reduce((sum, { operations }) => sum + operations, 0),
    reads: parts.flatMap(({ reads }) => reads),
  };
}

/** The text, in parentheses if it binds less than `least`. */
export function parenthesised({ text, precedence }: Expression, least: Precedence): string {
  return precedence < least ? `(${text})` : text;
}

/** A binary operator or function. */
export type Binary = (x: Expression, y: Expression) => Expression;

/** A left-associative operator on numbers: the order of evaluation is kept, so results are the same to the bit. */
export function operator(symbol: string, precedence: Precedence): Binary {
  return (x, y) => {
    const text = `${parenthesised(x, precedence)} ${symbol} ${parenthesised(y, (precedence + 1) as Precedence)}`;
    return compound(text, precedence, [x, y]);
  };
}

/** `-x`. */
export function negation(x: Expression): Expression {
  return compound(`-${parenthesised(x, Precedence.call)}`, Precedence.unary, [x]);
}

/** A comparison of numbers. */
export function comparison(symbol: string, precedence: Precedence): Binary {
  return (x, y) => ({ ...operator(symbol, precedence)(x, y), boolean: true });
}

/** `x && y` or `x || y` of conditions; one kind within the other stands in parentheses. */
export function logical(symbol: "&&" | "||"): Binary {
  const precedence = symbol === "&&" ? Precedence.and : Precedence.or;
  const part = (x: Expression) =>
    x.precedence === precedence ? x.text : parenthesised(x, Precedence.equality);
  return (x, y) => compound(`${part(x)} ${symbol} ${part(y)}`, precedence, [x, y], true);
}

/** `!x` of a condition. */
export function not(x: Expression): Expression {
  return compound(`!${parenthesised(x, Precedence.call)}`, Precedence.unary, [x], true);
}

/** `test ? whenTrue : whenFalse`, its cases numbers. */
export function conditional(test: Expression, whenTrue: Expression, whenFalse: Expression): Expression {
  const text = `${parenthesised(test, Precedence.or)} ? ${parenthesised(whenTrue, Precedence.or)} : ${parenthesised(whenFalse, Precedence.conditional)}`;
  return compound(text, Precedence.conditional, [test, whenTrue, whenFalse]);
}

/** A call with number arguments. */
export function call(callee: string): (...args: readonly Expression[]) => Expression {
  return (...args) =>
    compound(`${callee}(${args.map(({ text }) => text).join(", ")})`, Precedence.call, args);
}
