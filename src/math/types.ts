/** The types of the array vocabulary: nested arrays of numbers, with their lengths where the source says them. */

/** N copies of T; an ordinary array where N is not known. */
export type Tuple<T, N extends number> = number extends N ? T[] : Repeated<T, N, []>;

type Repeated<T, N extends number, Items extends T[]> = Items["length"] extends N
  ? Items
  : Repeated<T, N, [...Items, T]>;

/** N numbers. */
export type Vector<N extends number = number> = Tuple<number, N>;

/** M rows of N numbers. */
export type Matrix<M extends number = number, N extends number = number> = Tuple<Vector<N>, M>;

/** A number, or arrays of any depth; all arrays of one depth have the same length. */
export type Numbers = number | readonly Numbers[];

/** A vector of any length, not written to. */
export type AnyVector = readonly number[];

/** A matrix of any extents, not written to. */
export type AnyMatrix = readonly AnyVector[];

/** Another value of the same shape. */
export type Like<T> = T extends number ? number : { -readonly [K in keyof T]: Like<T[K]> };

/** A value of the same depth, of unknown lengths. */
export type Wide<T> = T extends readonly (infer E)[] ? Wide<E>[] : number;

/** What operands of two shapes give element by element: the deeper one's shape. */
export type Broadcast<A, B> = Deeper<A, B, A, B>;

type Deeper<A, B, InA, InB> = InA extends number
  ? Like<B>
  : InB extends number
    ? Like<A>
    : InA extends readonly (infer EA)[]
      ? InB extends readonly (infer EB)[]
        ? Deeper<A, B, EA, EB>
        : never
      : never;

/** What is left of an array without one of its axes. */
export type Reduced<T> = T extends readonly (infer E)[] ? Wide<E> : never;

/** The product of matrices and vectors. */
export type Product<A, B> = B extends AnyMatrix
  ? A extends AnyMatrix
    ? { -readonly [I in keyof A]: Like<B[number]> }
    : Like<B[number]>
  : { -readonly [I in keyof A]: number };

/** All products of an element of A with one of B. */
export type Outer<A, B> = { -readonly [I in keyof A]: Like<B> };

/** Columns as rows. */
export type Transposed<A extends AnyMatrix> = Columns<A, A[number]>;

type Columns<A, Row> = { -readonly [J in keyof Row]: { -readonly [I in keyof A]: number } };

/** A nested array of a shape. */
export type Shaped<S extends readonly number[]> = S extends readonly [
  infer N extends number,
  ...infer Inner extends readonly number[],
]
  ? Tuple<Shaped<Inner>, N>
  : S extends readonly []
    ? number
    : Numbers;
