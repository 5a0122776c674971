/** JavaScript expressions as text that knows its precedence, so that they nest with the fewest parentheses. */

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
  /** True if it is a JavaScript boolean; a value of 0 or 1 otherwise. Conditions stay booleans until a number is needed. */
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

/** A number; the sign of zero, infinities and NaN included. */
export function number(value: number): Expression {
  const negative = value < 0 || Object.is(value, -0);
  const text = Object.is(value, -0) ? "-0" : String(value);
  return {
    text,
    precedence: negative ? Precedence.unary : Precedence.atom,
    boolean: false,
    operations: 0,
    reads: [],
  };
}

/** An expression of one operator or call over others. */
function compound(
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

function parenthesised({ text, precedence }: Expression, least: Precedence): string {
  return precedence < least ? `(${text})` : text;
}

/** The expression as a number: a boolean becomes 1 or 0. */
export function numeric(expression: Expression): Expression {
  return expression.boolean
    ? compound(`${parenthesised(expression, Precedence.or)} ? 1 : 0`, Precedence.conditional, [expression])
    : expression;
}

/** The expression as a boolean: a number is true unless it is 0. */
export function condition(expression: Expression): Expression {
  return expression.boolean ? expression : comparison("!==", Precedence.equality)(expression, number(0));
}

/** A left-associative operator on numbers: the order of evaluation is kept, so results are the same to the bit. */
export function operator(
  symbol: string,
  precedence: Precedence,
): (x: Expression, y: Expression) => Expression {
  return (x, y) => {
    const [left, right] = [numeric(x), numeric(y)];
    const text = `${parenthesised(left, precedence)} ${symbol} ${parenthesised(right, (precedence + 1) as Precedence)}`;
    return compound(text, precedence, [left, right]);
  };
}

/** `x ** y`: associates to the right, and its base may not be a signed number. */
export function power(x: Expression, y: Expression): Expression {
  const [base, exponent] = [numeric(x), numeric(y)];
  const text = `${parenthesised(base, Precedence.call)} ** ${parenthesised(exponent, Precedence.power)}`;
  return compound(text, Precedence.power, [base, exponent]);
}

/** `-x`. */
export function negation(x: Expression): Expression {
  const operand = numeric(x);
  return compound(`-${parenthesised(operand, Precedence.call)}`, Precedence.unary, [operand]);
}

/** A comparison of numbers; its result is a boolean. */
export function comparison(
  symbol: string,
  precedence: Precedence,
): (x: Expression, y: Expression) => Expression {
  return (x, y) => ({ ...operator(symbol, precedence)(x, y), boolean: true });
}

/** `x && y` or `x || y` of conditions. */
export function logical(symbol: "&&" | "||"): (x: Expression, y: Expression) => Expression {
  const precedence = symbol === "&&" ? Precedence.and : Precedence.or;
  return (x, y) => {
    const parts = [condition(x), condition(y)];
    return compound(
      parts.map((part) => parenthesised(part, precedence)).join(` ${symbol} `),
      precedence,
      parts,
      true,
    );
  };
}

/** `!x`. */
export function not(x: Expression): Expression {
  const operand = condition(x);
  return compound(`!${parenthesised(operand, Precedence.call)}`, Precedence.unary, [operand], true);
}

/** `test ? whenTrue : whenFalse`, its cases numbers. */
export function conditional(test: Expression, whenTrue: Expression, whenFalse: Expression): Expression {
  const parts = [condition(test), numeric(whenTrue), numeric(whenFalse)] as const;
  const [tested, first, second] = parts;
  const text = `${parenthesised(tested, Precedence.or)} ? ${parenthesised(first, Precedence.or)} : ${parenthesised(second, Precedence.conditional)}`;
  return compound(text, Precedence.conditional, parts);
}

/** A call with number arguments. */
export function call(callee: string): (...args: readonly Expression[]) => Expression {
  return (...args) => {
    const numbers = args.map(numeric);
    return compound(`${callee}(${numbers.map(({ text }) => text).join(", ")})`, Precedence.call, numbers);
  };
}
