/**
 * Functions that are written with simpler ones: each is an approximation to the last digits of float64 that may be differentiated like any program.
 *
 * A case that is not taken gets an argument from the middle of its range, so that its value and derivatives stay finite.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand } from "../../program/program.ts";
import { type Rule, Unsupported, type Use } from "./rule.ts";

/** The rows, by the name that JAX prints. */
export const specialRules: readonly (readonly [string, Rule])[] = [
  ["lgamma", unary(lgamma)],
  ["digamma", unary(digamma)],
  ["erf_inv", unary(erfInverse)],
  ["polygamma", polygamma],
  ["nextafter", nextAfter],
];

/** Arithmetic on operands and numbers. */
type Arithmetic = (primitive: PrimitiveName, ...operands: readonly (Operand | number)[]) => Operand;

function unary(rule: (e: Arithmetic, x: Operand) => Operand): Rule {
  return (use) => {
    const [x] = use.operands;
    return x === undefined ? [] : [rule(arithmetic(use, x), x)];
  };
}

function arithmetic(use: Use, like: Operand): Arithmetic {
  const { dtype } = use.typeOf(like);
  return (primitive, ...operands) =>
    (use.emit as (primitive: PrimitiveName, operands: readonly Operand[]) => Operand)(
      primitive,
      operands.map((operand) => (typeof operand === "number" ? literal(operand, dtype) : operand)),
    );
}

/** Halves are rounded to the even neighbour. */
export const roundToEven: Rule = unary((e, x) => {
  const isHalf = e("eq", e("sub", x, e("floor", x)), 0.5);
  return e("select", isHalf, e("round", x), e("mul", 2, e("round", e("mul", 0.5, x))));
});

/**
 * The neighbour of x on the side of y (Rump, Zimmermann, Boldo & Melquiond, Computing predecessor and successor in rounding to nearest, 2009). The step has
 * no derivative: that of the result by x is 1.
 */
function nextAfter(use: Use): readonly Operand[] {
  const [x, y] = use.operands;
  if (x === undefined || y === undefined) throw new InputError("expected 2 operands");
  const e = arithmetic(use, x);
  const unit = use.typeOf(x).dtype === "float64" ? 2 ** -53 : 2 ** -24;
  const step = e("add", e("mul", unit * (1 + 2 * unit), e("abs", x)), Number.MIN_VALUE);
  const towards = e("sign", e("sub", y, x));
  return [e("add", x, e("stop_gradient", e("mul", towards, step)))];
}

/** Coefficients of Lanczos' approximation with g = 607 / 128, by Godfrey. */
const LANCZOS = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  3.399464998481189e-5, 4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125,
  -0.00021026444172410488, 0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5,
  -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/** Below 1/2 by reflection: Gamma(x) Gamma(1 - x) = pi / sin(pi x). */
function lgamma(e: Arithmetic, x: Operand): Operand {
  const low = e("lt", x, 0.5);
  const y = e("sub", e("select", low, x, e("sub", 1, x)), 1);
  let sum = e("add", LANCZOS[0] ?? 1, 0);
  LANCZOS.forEach((coefficient, k) => {
    if (k > 0) sum = e("add", sum, e("div", coefficient, e("add", y, k)));
  });
  const t = e("add", y, 607 / 128 + 0.5);
  const power = e("sub", e("mul", e("add", y, 0.5), e("log", t)), t);
  const upper = e("add", power, e("log", e("mul", Math.sqrt(2 * Math.PI), sum)));
  const sine = e("sin", e("mul", Math.PI, e("select", low, 0.5, x)));
  const reflected = e("sub", e("sub", Math.log(Math.PI), e("log", e("abs", sine))), upper);
  return e("select", low, upper, reflected);
}

/** B(2k) / 2k */
const BERNOULLI = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];

/** Its asymptotic series at x + 8; below 1/2 by reflection. */
function digamma(e: Arithmetic, x: Operand): Operand {
  const low = e("lt", x, 0.5);
  const y = e("select", low, x, e("sub", 1, x));
  const shifted = e("add", y, 8);
  const inverse = e("div", 1, shifted);
  const square = e("square", inverse);
  const series = horner(e, square, BERNOULLI.toReversed());
  let upper = e("sub", e("sub", e("log", shifted), e("mul", 0.5, inverse)), e("mul", square, series));
  for (let k = 7; k >= 0; k--) upper = e("sub", upper, e("div", 1, e("add", y, k)));
  const angle = e("mul", Math.PI, e("select", low, 0.25, x));
  return e("select", low, upper, e("sub", upper, e("div", Math.PI, e("tan", angle))));
}

/** B(2k) */
const BERNOULLI_NUMBERS = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6];

/** The derivative of digamma of an order from 1, for positive numbers: its asymptotic series at x + 12. */
function polygamma(use: Use): readonly Operand[] {
  const [order, x] = use.operands;
  const values = order && use.constant(order)?.data;
  const m = values?.[0] ?? NaN;
  if (x === undefined || values === undefined || values.some((value) => value !== m) || !(m >= 1 && m <= 8))
    throw new Unsupported("of an order that is not one number from 1 to 8");
  const e = arithmetic(use, x);
  const power = (base: Operand, exponent: number) => use.emit("integer_pow", [base], { exponent });
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const inverse = e("div", 1, e("add", x, 12));
  const square = e("square", inverse);
  const coefficients = BERNOULLI_NUMBERS.map((number, index) => {
    const k = 2 * (index + 1);
    return (number * factorial(k + m - 1)) / factorial(k);
  });
  const series = e("mul", square, horner(e, square, coefficients.toReversed()));
  const head = e("add", factorial(m - 1), e("mul", factorial(m) / 2, inverse));
  let sum = e("mul", power(inverse, m), e("add", head, series));
  for (let k = 11; k >= 0; k--) sum = e("add", sum, e("mul", factorial(m), power(e("add", x, k), -m - 1)));
  return [m % 2 === 0 ? e("neg", sum) : sum];
}

/** Polynomials by Giles, Approximating the erfinv function (GPU Computing Gems 2, 2011), highest power first. */
const CENTRE = [
  -3.64441206401782e-21, -1.6850591381820166e-19, 1.28584807152564e-18, 1.1157877678025181e-17,
  -1.333171662854621e-16, 2.0972767875968562e-17, 6.637638134358324e-15, -4.054566272975207e-14,
  -8.151934197605472e-14, 2.6335093153082323e-12, -1.2975133253453532e-11, -5.415412054294628e-11,
  1.0512122733215323e-9, -4.112633980346984e-9, -2.9070369957882005e-8, 4.2347877827932404e-7,
  -1.3654692000834679e-6, -1.3882523362786469e-5, 0.00018673420803405714, -0.000740702534166267,
  -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
];
const MIDDLE = [
  2.2137376921775787e-9, 9.075656193888539e-8, -2.7517406297064545e-7, 1.8239629214389228e-8,
  1.5027403968909828e-6, -4.013867526981546e-6, 2.9234449089955446e-6, 1.2475304481671779e-5,
  -4.7318229009055734e-5, 6.828485145957318e-5, 2.4031110387097894e-5, -0.0003550375203628475,
  0.0009532893797373805, -0.0016882755560235047, 0.002491442096107851, -0.003751208507569241,
  0.005370914553590064, 1.0052589676941592, 3.0838856104922208,
];
const TAIL = [
  -2.7109920616438573e-11, -2.555641816996525e-10, 1.5076572693500548e-9, -3.789465440126737e-9,
  7.61570120807834e-9, -1.496002662714924e-8, 2.914795345090108e-8, -6.771199775845234e-8,
  2.2900482228026655e-7, -9.9298272942317e-7, 4.526062597223154e-6, -1.968177810553167e-5,
  7.599527703001776e-5, -0.00021503011930044477, -0.00013871931833623122, 1.0103004648645344,
  4.849906401408584,
];

function erfInverse(e: Arithmetic, x: Operand): Operand {
  const w = e("neg", e("log", e("mul", e("sub", 1, x), e("add", 1, x))));
  const [central, middle] = [e("lt", w, 6.25), e("lt", w, 16)];
  const near = horner(e, e("sub", e("select", central, 3, w), 3.125), CENTRE);
  const root = e("sqrt", e("select", central, w, 10));
  const between = horner(e, e("sub", root, 3.25), MIDDLE);
  const far = horner(e, e("sub", root, 5), TAIL);
  return e("mul", x, e("select", central, e("select", middle, far, between), near));
}

/** A polynomial, highest power first. */
function horner(e: Arithmetic, x: Operand, coefficients: readonly number[]): Operand {
  const [leading = 0, ...others] = coefficients;
  const [next = 0, ...rest] = others;
  return rest.reduce<Operand>(
    (sum, coefficient) => e("add", e("mul", sum, x), coefficient),
    e("add", e("mul", leading, x), next),
  );
}
