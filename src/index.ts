/**
 * The public API: re-exports only.
 *
 * Four verbs: a function is traced to a Program (`trace`, `traceSource`, `parseJaxpr`), a Program is optimised to an order (`optimize`), a Program and an
 * order give the Program of the Jacobian (`jacobian`), a Program compiles to a kernel (`compile`).
 */

export { InputError, type Place } from "./errors.ts";
export { fromJaxJs } from "./frontends/jaxjs/index.ts";
export { type JaxprOptions, parseJaxpr } from "./frontends/jaxpr/index.ts";
export {
  type TraceOptions,
  type TraceSourceOptions,
  trace,
  traceSource,
} from "./frontends/typescript/index.ts";
export { type Costs, costsOf, type VertexCost, vertexCosts } from "./graph/costs.ts";
export type { ComputationalGraph, EliminationOrder, GraphEdge, GraphVertex } from "./graph/graph.ts";
export { graphFromJson, graphHash, graphToJson } from "./graph/json.ts";
export type { Operations } from "./graph/operations.ts";
export {
  hessian,
  type JacobianOptions,
  type JacobianParts,
  jacobianInParts,
} from "./jacobian/jacobian.ts";
export { type JacobianScope, type Linearization, linearize } from "./jacobian/linearize.ts";
export {
  type CompressedRows,
  type Coordinates,
  compressedRows,
  coordinates,
  type SparseJacobian,
  type SparseTerm,
  sparseJacobian,
  valuesAt,
} from "./jacobian/sparse.ts";
export {
  type JacobianFunction,
  type JacobianFunctionOptions,
  type JacobianOf,
  jacobian,
} from "./jacobianFunction.ts";
export {
  type CompileJacobianOptions,
  compileJacobian,
  type JacobianKernel,
  type JacobianLayout,
  matrixOf,
} from "./jacobianKernel.ts";
export { type CFiles, type COptions, emitC } from "./kernels/c/emit.ts";
export { type CompileOptions, compile, type Target, type ThreadedCompileOptions } from "./kernels/compile.ts";
export { emitJavaScript, type JavaScriptModule, type JavaScriptOptions } from "./kernels/javascript/emit.ts";
export { emitJax, type JaxModule, type JaxOptions } from "./kernels/jax/emit.ts";
export {
  type Entry,
  type Kernel,
  type KernelDType,
  type PlaneArray,
  type Planes,
  scatter,
} from "./kernels/kernel.ts";
export {
  batchWorkload,
  type MeasureOptions,
  measure,
  pointWorkload,
  type Timing,
  type Workload,
} from "./kernels/measure.ts";
export type { ThreadedKernel } from "./kernels/threads/kernel.ts";
export { pageThreads, type StartThread, type Thread } from "./kernels/threads/thread.ts";
export { type Verification, type VerifyOptions, verify } from "./kernels/verify.ts";
export { type Optimized, type OptimizeOptions, optimize, optimizeGraph } from "./optimize.ts";
export {
  type Measured,
  type OptimizedRuntime,
  type OptimizeRuntimeOptions,
  optimizeRuntime,
  type RuntimeSelection,
} from "./optimizeRuntime.ts";
export { literal, ProgramBuilder } from "./program/builder.ts";
export { interpret, interpretScalars } from "./program/interpreter.ts";
export { programFromJson, programHash, programToJson } from "./program/json.ts";
export type {
  Equation,
  Input,
  Literal,
  Operand,
  Output,
  Program,
  Signature,
  Tree,
  Variable,
} from "./program/program.ts";
export { reassociate } from "./program/reassociate/index.ts";
export { type ScalariseOptions, scalarise } from "./program/scalarise.ts";
export { simplify } from "./program/simplify.ts";
export { parseProgram, printProgram } from "./program/text.ts";
export { type Nested, nestedResults, tensorsOf } from "./program/tree.ts";
export type { DType, Tensor, TensorType } from "./program/type.ts";
export { Random, type RandomState } from "./random.ts";
export { measureRuntime, type RuntimeOptions, runtimeCost } from "./runtime.ts";
export { type AnnealingOptions, simulatedAnnealing } from "./search/annealing.ts";
export type { BoundPoint, HistoryPoint, MethodResult } from "./search/auto.ts";
export { type Certificate, certify, parseCertificate } from "./search/certificate.ts";
export type { Executor } from "./search/executor.ts";
export { forward, type MarkowitzOptions, markowitz, reverse } from "./search/orders.ts";
export { parseSearchState, type SearchState } from "./search/state.ts";
export type { Budget, Objective, Progress, Run, Strategy } from "./search/strategy.ts";
export { findTask, programOf, type Task, tasks } from "./tasks/index.ts";
