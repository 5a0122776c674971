/**
 * Rewriting: a syntax tree printed as JavaScript in which every operator, member access and call goes through the runtime.
 *
 * Types vanish. Names keep their names; those that the text does not declare become members of the runtime, so the printed code can reach
 * nothing else. What is not supported is printed as a call that throws where it would be executed: code that a trace does not reach does no harm.
 */

import type {
  AnyNode,
  ArrayPattern,
  AssignmentExpression,
  BlockStatement,
  CallExpression,
  Expression,
  ForStatement,
  Function as FunctionNode,
  Identifier,
  MemberExpression,
  ModuleDeclaration,
  ObjectExpression,
  ObjectPattern,
  Pattern,
  Program,
  Property,
  SpreadElement,
  Statement,
  UpdateExpression,
  VariableDeclaration,
  VariableDeclarator,
} from "acorn";
import { InputError } from "../../errors.ts";
import type { FunctionSource } from "./runtime.ts";
import { boundNames, isNode, variableNames } from "./scope.ts";
import {
  type FunctionSyntax,
  isTypeOnly,
  placeAt,
  type Site,
  type SourceText,
  type TypedExpression,
  untyped,
} from "./syntax.ts";

/** The name of the runtime in rewritten code. */
export const RUNTIME = "$alphagrad";

/** What the rewriter numbers and the runtime looks up. */
export interface Registry {
  readonly sites: Site[];
  readonly functions: FunctionSource[];
  isGlobal(name: string): boolean;
}

/** An import that rewritten code uses: `name` of module `specifier` (`*` is the namespace) as `imported[index]`. */
export interface UsedImport {
  readonly specifier: string;
  readonly name: string;
  readonly index: number;
  readonly site: Site;
}

/** A rewritten module: the body of a function of the runtime that returns its exports. */
export interface RewrittenModule {
  readonly code: string;
  readonly imports: readonly UsedImport[];
  /** Modules of `export * from`. */
  readonly reexports: readonly { readonly specifier: string; readonly site: Site }[];
}

type Binding =
  | { readonly kind: "value" }
  | { readonly kind: "import"; readonly specifier: string; readonly name: string; readonly node: Identifier }
  | { readonly kind: "unsupported"; readonly message: string };

const value: Binding = { kind: "value" };

/** How references that the text does not declare are resolved. */
export interface FreeNames {
  /** The number of the imported value of this name, if there is one. */
  find(name: string): number | undefined;
  /** What people can do about a name that is not found. */
  remedy(name: string): string;
}

const noFreeNames: FreeNames = {
  find: () => undefined,
  remedy: () => "declare it in this file or import it relatively",
};

/** References to imports in code that a bundler or a test runner has transformed. */
const bundledImport = /^(__vi\w*_import_\d+__|import_\w+|\w+_\d+)$/;

const noClass = "classes are not supported: write functions of numbers, arrays and objects";
const noGenerator = "async functions and generators are not supported: write an ordinary function";
const arithmetic = new Set(["+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>"]);

/** Rewrites a whole module. `reserve` gives the next free number for an imported value. */
export function rewriteModule(
  of: SourceText,
  program: Program,
  registry: Registry,
  reserve: () => number,
): RewrittenModule {
  return new Rewriter(of, registry, noFreeNames, reserve).module(program);
}

/** Rewrites one function that stands alone; the code is an expression. */
export function rewriteFunction(
  of: SourceText,
  node: FunctionSyntax,
  registry: Registry,
  free: FreeNames,
): string {
  return new Rewriter(of, registry, free, () => 0).expression(node as Expression);
}

class Rewriter {
  readonly #of: SourceText;
  readonly #registry: Registry;
  readonly #free: FreeNames;
  readonly #reserve: () => number;
  readonly #imports = new Map<string, UsedImport>();
  #scopes: Map<string, Binding>[] = [];

  constructor(of: SourceText, registry: Registry, free: FreeNames, reserve: () => number) {
    this.#of = of;
    this.#registry = registry;
    this.#free = free;
    this.#reserve = reserve;
  }

  // --- Modules

  module(program: Program): RewrittenModule {
    const exports = new Map<string, string>();
    const reexports: { specifier: string; site: Site }[] = [];
    this.#scopes.push(new Map());
    for (const node of program.body)
      if (node.type === "ImportDeclaration" && !isTypeOnly(node)) this.#importNames(node);
    const body = program.body.map((node) => declarationOf(node) ?? node).filter(isNode);
    this.#declareAll(body);
    const lines = [this.#hoisted(body)];
    for (const node of program.body) {
      if (isTypeOnly(node)) continue;
      if (node.type === "ExportAllDeclaration" && !node.exported)
        reexports.push({ specifier: String(node.source.value), site: this.#range(node) });
      else lines.push(this.#moduleItem(node, exports));
    }
    const table = [...exports].map(([name, reference]) => `[${JSON.stringify(name)}, () => ${reference}]`);
    return {
      code: `"use strict";\n${lines.join("\n")}\nreturn [${table.join(", ")}];`,
      imports: [...this.#imports.values()],
      reexports,
    };
  }

  #importNames(node: Extract<ModuleDeclaration, { type: "ImportDeclaration" }>): void {
    for (const specifier of node.specifiers) {
      if (isTypeOnly(specifier)) continue;
      const name =
        specifier.type === "ImportSpecifier"
          ? nameOf(specifier.imported)
          : specifier.type === "ImportDefaultSpecifier"
            ? "default"
            : "*";
      this.#declare(specifier.local, {
        kind: "import",
        specifier: String(node.source.value),
        name,
        node: specifier.local,
      });
    }
  }

  #moduleItem(node: Statement | ModuleDeclaration, exports: Map<string, string>): string {
    switch (node.type) {
      case "ImportDeclaration":
        return "";
      case "ExportAllDeclaration":
        if (node.exported)
          exports.set(nameOf(node.exported), this.#use(String(node.source.value), "*", node));
        return "";
      case "ExportNamedDeclaration": {
        for (const specifier of node.specifiers) {
          if (isTypeOnly(specifier)) continue;
          const name = nameOf(specifier.local);
          const local = node.source
            ? this.#use(String(node.source.value), name, specifier)
            : this.#exported(name);
          if (local !== undefined) exports.set(nameOf(specifier.exported), local);
        }
        const { declaration } = node;
        if (!declaration || !isNode(declaration)) return "";
        if (declaration.type === "VariableDeclaration")
          for (const { id } of declaration.declarations)
            for (const name of boundNames(id)) exports.set(name, name);
        else if (declaration.type === "FunctionDeclaration")
          exports.set(declaration.id.name, declaration.id.name);
        return this.#statement(declaration);
      }
      case "ExportDefaultDeclaration": {
        const { declaration } = node;
        if (!isNode(declaration)) return "";
        if (declaration.type === "ClassDeclaration") return "";
        if (declaration.type === "FunctionDeclaration" && declaration.id) {
          exports.set("default", declaration.id.name);
          return this.#statement(declaration as Statement);
        }
        exports.set("default", `${RUNTIME}Default`);
        const code =
          declaration.type === "FunctionDeclaration"
            ? this.#functionExpression(declaration, "function")
            : this.expression(declaration);
        return `const ${RUNTIME}Default = ${code};`;
      }
      default:
        return this.#statement(node);
    }
  }

  /** The value behind `export { name }`; undefined for a type. */
  #exported(name: string): string | undefined {
    const binding = this.#lookup(name);
    if (binding === undefined || binding.kind === "unsupported") return undefined;
    return binding.kind === "import" ? this.#use(binding.specifier, binding.name, binding.node) : name;
  }

  #use(specifier: string, name: string, node: AnyNode): string {
    const key = `${name} of ${specifier}`;
    const used = this.#imports.get(key) ?? {
      specifier,
      name,
      index: this.#reserve(),
      site: this.#range(node),
    };
    this.#imports.set(key, used);
    return `${RUNTIME}.imported[${used.index}]`;
  }

  // --- Names

  #range(node: { start: number; end: number }): Site {
    return { of: this.#of, start: node.start, end: node.end };
  }

  #site(node: { start: number; end: number }): number {
    return this.#registry.sites.push(this.#range(node)) - 1;
  }

  #error(node: { start: number }, message: string): InputError {
    return new InputError(message, placeAt(this.#of, node.start));
  }

  #declare(identifier: { name: string; start: number }, binding: Binding = value): void {
    if (identifier.name.startsWith(RUNTIME))
      throw this.#error(identifier, `names that begin with ${RUNTIME} are reserved`);
    this.#scopes.at(-1)?.set(identifier.name, binding);
  }

  #declareNames(names: readonly string[], node: { start: number }): void {
    for (const name of names) this.#declare({ name, start: node.start });
  }

  /** Declares what the statements of a block declare. */
  #declareAll(statements: readonly (Statement | ModuleDeclaration)[]): void {
    for (const node of statements) {
      this.#declareNames(variableNames(node), node);
      if (node.type === "FunctionDeclaration") this.#declare(node.id);
      else if (node.type === "ClassDeclaration")
        this.#declare(node.id, { kind: "unsupported", message: noClass });
      else if ((node.type as string) === "TSEnumDeclaration") {
        const message = "enums are not supported: write constants";
        this.#declare((node as unknown as { id: Identifier }).id, { kind: "unsupported", message });
      }
    }
  }

  #lookup(name: string): Binding | undefined {
    return this.#scopes.findLast((scope) => scope.has(name))?.get(name);
  }

  #reference(node: Identifier): string {
    const binding = this.#lookup(node.name);
    if (binding?.kind === "value") return node.name;
    if (binding?.kind === "import") return this.#use(binding.specifier, binding.name, binding.node);
    if (binding !== undefined) return this.#unsupported(node, binding.message);
    return this.#freeReference(node.name, node) ?? this.#unsupported(node, this.#unknown(node.name));
  }

  #freeReference(name: string, node: AnyNode): string | undefined {
    const index = this.#free.find(name);
    if (index !== undefined) return this.#siteOf(node, `${RUNTIME}.imported[${index}]`);
    return this.#registry.isGlobal(name) ? `${RUNTIME}.global(${JSON.stringify(name)})` : undefined;
  }

  #unknown(name: string): string {
    if (name === "Date")
      return "Date is not available: a traced function depends on its parameters alone; pass the time as one";
    const remedy = this.#free.remedy(name);
    return `${name} is not defined here, where only Math, Number, Array and Object of JavaScript's globals are known: ${remedy}`;
  }

  #siteOf(node: AnyNode, code: string): string {
    return `${RUNTIME}.at(${this.#site(node)}, ${code})`;
  }

  #unsupported(node: { start: number; end: number }, message: string): string {
    return `${RUNTIME}.fail(${this.#site(node)}, ${JSON.stringify(message)})`;
  }

  #scoped<T>(print: () => T): T {
    this.#scopes.push(new Map());
    const result = print();
    this.#scopes.pop();
    return result;
  }

  // --- Statements

  #block(node: BlockStatement, first = ""): string {
    return this.#scoped(() => `{ ${first}${this.#statements(node.body)} }`);
  }

  #statements(body: readonly Statement[]): string {
    this.#declareAll(body);
    return [this.#hoisted(body), ...body.map((node) => this.#statement(node))].join("\n");
  }

  /** Notes where the functions that a block declares were written, before anything can call them. */
  #hoisted(body: readonly (Statement | ModuleDeclaration)[]): string {
    return body
      .filter((node) => node.type === "FunctionDeclaration")
      .map((node) => `${this.#noted(node, node.id.name)};`)
      .join("\n");
  }

  #noted(node: FunctionNode, code: string): string {
    const index = this.#registry.functions.push({ of: this.#of, node: node as FunctionSyntax }) - 1;
    return `${RUNTIME}.fn(${index}, ${code})`;
  }

  #statement(node: Statement | ModuleDeclaration): string {
    switch (node.type) {
      case "ExpressionStatement":
        return `${this.expression(node.expression)};`;
      case "VariableDeclaration":
        return this.#variables(node);
      case "FunctionDeclaration":
        return this.#functionDeclaration(node);
      case "ReturnStatement":
        return node.argument ? `return ${this.expression(node.argument)};` : "return;";
      case "IfStatement": {
        const otherwise = node.alternate ? ` else ${this.#branch(node.alternate)}` : "";
        return `if (${this.#test(node.test)}) ${this.#branch(node.consequent)}${otherwise}`;
      }
      case "BlockStatement":
        return this.#block(node);
      case "ForStatement":
        return this.#scoped(() => this.#for(node));
      case "ForOfStatement":
        if (node.await) return `${this.#unsupported(node, noGenerator)};`;
        return this.#scoped(() => this.#forEach(node, "of"));
      case "ForInStatement":
        return this.#scoped(() => this.#forEach(node, "in"));
      case "WhileStatement":
        return `while (${this.#test(node.test)}) ${this.#loopBody(node.body)}`;
      case "DoWhileStatement":
        return `do ${this.#loopBody(node.body)} while (${this.#test(node.test)});`;
      case "SwitchStatement": {
        const cases = this.#scoped(() => {
          this.#declareAll(node.cases.flatMap(({ consequent }) => consequent));
          return node.cases.map(({ test, consequent }) => {
            const label = test ? `case ${this.#test(test)}:` : "default:";
            return `${label} ${consequent.map((statement) => this.#statement(statement)).join("\n")}`;
          });
        });
        return `switch (${this.#test(node.discriminant)}) { ${cases.join("\n")} }`;
      }
      case "BreakStatement":
      case "ContinueStatement":
        return `${node.type === "BreakStatement" ? "break" : "continue"}${node.label ? ` ${node.label.name}` : ""};`;
      case "LabeledStatement":
        return `${node.label.name}: ${this.#statement(node.body)}`;
      case "ThrowStatement":
        return `throw ${RUNTIME}.thrown(${this.#site(node)}, ${this.expression(node.argument)});`;
      case "EmptyStatement":
      case "DebuggerStatement":
        return ";";
      case "ClassDeclaration":
        return "";
      case "TryStatement":
        return `${this.#unsupported(node, "try is not supported: a traced function must not catch errors")};`;
      default:
        // Types, interfaces, overloads and `declare` leave nothing behind.
        return node.type.startsWith("TS")
          ? ""
          : `${this.#unsupported(node, `${node.type} is not supported`)};`;
    }
  }

  #branch(node: Statement): string {
    return node.type === "BlockStatement" ? this.#block(node) : `{ ${this.#statement(node)} }`;
  }

  #loopBody(node: Statement): string {
    const step = `${RUNTIME}.step(${this.#site(node)});`;
    return node.type === "BlockStatement" ? this.#block(node, step) : `{ ${step} ${this.#statement(node)} }`;
  }

  #for({ init, test, update, body }: ForStatement): string {
    if (init?.type === "VariableDeclaration") this.#declareNames(variableNames(init), init);
    const start =
      init?.type === "VariableDeclaration" ? this.#declarations(init) : init ? this.expression(init) : "";
    const head = `${start}; ${test ? this.#test(test) : ""}; ${update ? this.expression(update) : ""}`;
    return `for (${head}) ${this.#loopBody(body)}`;
  }

  #forEach(
    node: { left: VariableDeclaration | Pattern; right: Expression; body: Statement },
    kind: "of" | "in",
  ): string {
    const { left, right, body } = node;
    const items = this.#siteOf(right, this.expression(right));
    if (left.type !== "VariableDeclaration")
      return `for (${this.#target(left)} ${kind} ${items}) ${this.#loopBody(body)}`;
    const id = left.declarations[0]?.id;
    if (id === undefined) throw this.#error(left, "the loop has no variable");
    this.#declareNames(boundNames(id), left);
    return `for (${left.kind} ${this.#pattern(id)} ${kind} ${items}) ${this.#loopBody(body)}`;
  }

  #variables(node: VariableDeclaration): string {
    if ((node as { declare?: boolean }).declare) return "";
    const named = node.declarations
      .filter(({ id }) => id.type !== "Identifier")
      .flatMap(({ id }) => boundNames(id));
    const names = named.length > 0 ? ` ${RUNTIME}.names({ ${named.join(", ")} });` : "";
    return `${this.#declarations(node)};${names}`;
  }

  #declarations(node: VariableDeclaration): string {
    if (node.kind.endsWith("using")) throw this.#error(node, "using is not supported: write const");
    return `${node.kind} ${node.declarations.map((declarator) => this.#variable(declarator)).join(", ")}`;
  }

  #variable({ id, init }: VariableDeclarator): string {
    if (!init) return this.#pattern(id);
    const code = this.expression(init);
    return id.type === "Identifier"
      ? `${id.name} = ${this.#named(id.name, init, code)}`
      : `${this.#pattern(id)} = ${this.#runtime("parts", init, code)}`;
  }

  /** Names the equation that an expression ends in; functions and literals end in none. */
  #named(name: string, node: Expression, code: string): string {
    const nameless = [
      "ArrowFunctionExpression",
      "FunctionExpression",
      "Literal",
      "ArrayExpression",
      "ObjectExpression",
    ];
    return nameless.includes(untyped(node).type) ? code : `${RUNTIME}.name(${JSON.stringify(name)}, ${code})`;
  }

  // --- Functions

  #functionDeclaration(node: Extract<Statement, { type: "FunctionDeclaration" }>): string {
    if (!node.body) return "";
    const { name } = node.id;
    if (node.async || node.generator)
      return `function ${name}() { ${this.#unsupported(node, `${name}: ${noGenerator}`)}; }`;
    return `function ${name}${this.#parametersAndBody(node, "")}`;
  }

  #functionExpression(node: FunctionNode, kind: "function" | "method"): string {
    if (node.async || node.generator)
      return this.#noted(node, `(() => ${this.#unsupported(node, noGenerator)})`);
    return this.#scoped(() => {
      if (node.id) this.#declare(node.id);
      const isFunction = kind === "function" && node.id;
      const text = isFunction
        ? `function ${node.id?.name}${this.#parametersAndBody(node, "")}`
        : this.#parametersAndBody(node, " =>");
      return this.#noted(node, `(${text})`);
    });
  }

  #parametersAndBody(node: FunctionNode, arrow: string): string {
    return this.#scoped(() => {
      const params = node.params.filter((param) => param.type !== "Identifier" || param.name !== "this");
      for (const param of params) this.#declareNames(boundNames(param), param);
      const { body } = node;
      if (body.type === "BlockStatement") this.#declareAll(body.body);
      const parameters = params.map((param) => this.#pattern(param)).join(", ");
      const step = `${RUNTIME}.step(${this.#site(node)});`;
      const code =
        body.type === "BlockStatement" ? this.#statements(body.body) : `return ${this.expression(body)};`;
      return `(${parameters})${arrow} { ${step} ${code} }`;
    });
  }

  // --- Patterns

  /** A pattern of a declaration or of parameters. */
  #pattern(node: Pattern): string {
    return this.#printPattern(node, (leaf) => this.#pattern(leaf));
  }

  /** A pattern that is assigned to: its leaves are references. */
  #target(node: Pattern): string {
    if (node.type === "Identifier") {
      if (this.#lookup(node.name)?.kind === "value") return node.name;
      throw this.#error(node, `${node.name} is not a variable of this source and cannot be assigned to`);
    }
    if (node.type !== "MemberExpression") return this.#printPattern(node, (leaf) => this.#target(leaf));
    const key = `${RUNTIME}.key(${this.#site(node)}, ${this.#key(node)})`;
    return `${this.expression(node.object as Expression)}[${key}]`;
  }

  #printPattern(node: Pattern, leaf: (node: Pattern) => string): string {
    switch (node.type) {
      case "Identifier":
        return node.name;
      case "ArrayPattern":
        return `[${node.elements.map((element) => (element ? leaf(element) : "")).join(", ")}${trailingComma(node)}]`;
      case "ObjectPattern":
        return `{ ${node.properties.map((property) => this.#patternProperty(property, leaf)).join(", ")} }`;
      case "AssignmentPattern":
        return `${leaf(node.left)} = ${this.expression(node.right)}`;
      case "RestElement":
        return `...${leaf(node.argument)}`;
      default:
        throw this.#error(
          node,
          "this parameter or variable is not supported: write a name or a destructuring pattern",
        );
    }
  }

  #patternProperty(property: ObjectPattern["properties"][number], leaf: (node: Pattern) => string): string {
    if (property.type === "RestElement") return `...${leaf(property.argument)}`;
    const { key, computed } = property;
    const site = () => this.#site(key);
    const name = computed
      ? `${RUNTIME}.key(${site()}, ${this.expression(key)})`
      : `${RUNTIME}.key(${site()}, ${JSON.stringify(keyName(key))})`;
    return `[${name}]: ${leaf(property.value)}`;
  }

  // --- Expressions

  /** An expression as JavaScript that can stand as an operand or argument anywhere. */
  expression(given: Expression | TypedExpression): string {
    const node = untyped(given);
    switch (node.type) {
      case "Identifier":
        return this.#reference(node);
      case "Literal":
        return this.#literal(node);
      case "TemplateLiteral": {
        const parts = node.quasis.map(({ value }, index) => {
          const inner = node.expressions[index];
          return `${value.raw}${inner ? `\${${this.#siteOf(inner, this.expression(inner))}}` : ""}`;
        });
        return `\`${parts.join("")}\``;
      }
      case "ArrayExpression": {
        const items = `[${node.elements.map((element) => (element ? this.#argument(element) : "undefined")).join(", ")}]`;
        const spreads = node.elements.some((element) => element?.type === "SpreadElement");
        return spreads ? `${RUNTIME}.array(${this.#site(node)}, ${items})` : items;
      }
      case "ObjectExpression":
        return this.#object(node);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return this.#functionExpression(node, "function");
      case "UnaryExpression":
        return this.#unary(node);
      case "BinaryExpression":
        return this.#binary(node);
      case "LogicalExpression":
        return node.operator === "??"
          ? `(${this.expression(node.left)} ?? ${this.expression(node.right)})`
          : `(${this.#test(node.left)} ${node.operator} ${this.expression(node.right)})`;
      case "ConditionalExpression":
        return `(${this.#test(node.test)} ? ${this.expression(node.consequent)} : ${this.expression(node.alternate)})`;
      case "AssignmentExpression":
        return this.#assignment(node);
      case "UpdateExpression":
        return this.#update(node);
      case "MemberExpression":
        return this.#member(node);
      case "CallExpression":
        return this.#call(node);
      case "NewExpression":
        return this.#runtime(
          "construct",
          node,
          this.expression(node.callee),
          ...node.arguments.map((item) => this.#argument(item)),
        );
      case "SequenceExpression":
        return `(${node.expressions.map((item) => this.expression(item)).join(", ")})`;
      case "ParenthesizedExpression":
        return this.expression(node.expression);
      case "ChainExpression":
        return `${RUNTIME}.chain(() => ${this.expression(node.expression)})`;
      case "ClassExpression":
        return this.#unsupported(node, noClass);
      case "ThisExpression":
        return this.#unsupported(node, "this is not supported: pass the values as parameters");
      case "AwaitExpression":
      case "YieldExpression":
        return this.#unsupported(node, noGenerator);
      default:
        return this.#unsupported(node, `${node.type} is not supported`);
    }
  }

  #runtime(method: string, node: AnyNode, ...parameters: string[]): string {
    return `${RUNTIME}.${method}(${[String(this.#site(node)), ...parameters].join(", ")})`;
  }

  #test(node: Expression): string {
    return this.#runtime("test", node, this.expression(node));
  }

  #argument(node: Expression | SpreadElement): string {
    if (node.type !== "SpreadElement") return this.expression(node);
    return `...${this.#siteOf(node.argument, this.expression(node.argument))}`;
  }

  #literal(node: Extract<Expression, { type: "Literal" }>): string {
    const { value } = node;
    if (value === Infinity) return "1e999";
    if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
    if (typeof value === "string") return JSON.stringify(value);
    return this.#unsupported(node, "big integers and regular expressions are not supported: write numbers");
  }

  #object(node: ObjectExpression): string {
    const properties = node.properties.map((property) =>
      property.type === "SpreadElement" ? this.#argument(property) : this.#property(property),
    );
    return `({ ${properties.join(", ")} })`;
  }

  #property({ key, value, kind, method, computed }: Property): string {
    const name = computed ? this.expression(key) : JSON.stringify(keyName(key));
    if (kind !== "init")
      return `[${name}]: ${this.#unsupported(key, "getters and setters are not supported: write a function")}`;
    const code = method
      ? this.#functionExpression(value as unknown as FunctionNode, "method")
      : this.expression(value);
    return `[${this.#runtime("key", key, name)}]: ${code}`;
  }

  #unary(node: Extract<Expression, { type: "UnaryExpression" }>): string {
    const { operator, argument } = node;
    switch (operator) {
      case "-":
        return this.#runtime("negate", node, this.expression(argument));
      case "+":
        return this.#runtime("plus", node, this.expression(argument));
      case "~":
        return this.#runtime("invert", node, this.expression(argument));
      case "!":
        return `(!${this.#test(argument)})`;
      case "void":
        return `(void ${this.expression(argument)})`;
      case "typeof": {
        const unknown =
          argument.type === "Identifier" &&
          !this.#lookup(argument.name) &&
          !this.#freeReference(argument.name, argument);
        return unknown ? `"undefined"` : `${RUNTIME}.typeOf(${this.expression(argument)})`;
      }
      default:
        return this.#unsupported(node, `${operator} is not supported`);
    }
  }

  #binary(node: Extract<Expression, { type: "BinaryExpression" }>): string {
    const { operator, left, right } = node;
    if (left.type === "PrivateIdentifier") return this.#unsupported(node, noClass);
    if (operator === "instanceof")
      return this.#unsupported(node, "instanceof is not supported: use Array.isArray or typeof");
    const [a, b] = [this.expression(left), this.expression(right)];
    if (operator === "in") return `(${this.#siteOf(left, a)} in ${b})`;
    return this.#runtime(
      arithmetic.has(operator) ? "binary" : "compare",
      node,
      JSON.stringify(operator),
      a,
      b,
    );
  }

  #key({ property, computed }: MemberExpression): string {
    return computed
      ? this.expression(property as Expression)
      : JSON.stringify(keyName(property as Expression));
  }

  /** What a transformed reference to an import (`__vi_import_0__.where`) stands for. */
  #bundled({ object, property, computed }: MemberExpression): string | undefined {
    if (computed || object.type !== "Identifier" || property.type !== "Identifier") return undefined;
    const own =
      this.#lookup(object.name) !== undefined || this.#freeReference(object.name, object) !== undefined;
    if (own || !bundledImport.test(object.name)) return undefined;
    return (
      this.#freeReference(property.name, property) ??
      this.#unsupported(property, this.#unknown(property.name))
    );
  }

  #member(node: MemberExpression): string {
    if (node.object.type === "Super" || node.property.type === "PrivateIdentifier")
      return this.#unsupported(node, noClass);
    return this.#bundled(node) ?? this.#runtime("get", node, this.#objectOf(node), this.#key(node));
  }

  /** What a member is taken of; behind `?.` the chain ends where it is absent. */
  #objectOf({ object, optional }: MemberExpression): string {
    const code = this.expression(object as Expression);
    return optional ? `${RUNTIME}.present(${code})` : code;
  }

  #call(node: CallExpression): string {
    const { callee } = node;
    if (node.optional)
      return this.#unsupported(node, "an optional call ?.() is not supported: call the function itself");
    const parameters = node.arguments.map((item) => this.#argument(item));
    if (callee.type === "Super") return this.#unsupported(node, noClass);
    const target = untyped(callee);
    const isMethod =
      target.type === "MemberExpression" &&
      target.object.type !== "Super" &&
      this.#bundled(target) === undefined;
    if (isMethod)
      return this.#runtime("method", node, this.#objectOf(target), this.#key(target), ...parameters);
    return this.#runtime("call", node, this.expression(target), ...parameters);
  }

  #assignment(node: AssignmentExpression): string {
    const { operator, right } = node;
    const left = untyped(node.left as Expression) as Pattern;
    const code = this.expression(right);
    if (left.type === "Identifier") return this.#assignIdentifier(node, left, code);
    if (left.type !== "MemberExpression")
      return `(${this.#target(left)} = ${this.#runtime("parts", right, code)})`;
    const place = [this.expression(left.object as Expression), this.#key(left)];
    if (operator === "=") return this.#runtime("set", node, ...place, code);
    const change = this.#changed(node, operator.slice(0, -1), `${RUNTIME}Old`, code);
    return this.#runtime("update", node, ...place, `(${RUNTIME}Old) => ${change}`);
  }

  #assignIdentifier(node: AssignmentExpression, left: Identifier, code: string): string {
    const { operator, right } = node;
    const name = this.#target(left);
    if (operator === "=") return `(${name} = ${this.#named(name, right, code)})`;
    return `(${name} = ${RUNTIME}.name(${JSON.stringify(name)}, ${this.#changed(node, operator.slice(0, -1), name, code)}))`;
  }

  /** `old op operand`. */
  #changed(node: AnyNode, operator: string, old: string, operand: string): string {
    if (operator === "??") return `(${old} ?? ${operand})`;
    if (operator === "&&" || operator === "||")
      return `(${this.#runtime("test", node, old)} ${operator} ${operand})`;
    return this.#runtime("binary", node, JSON.stringify(operator), old, operand);
  }

  #update(node: UpdateExpression): string {
    const operator = JSON.stringify(node.operator.charAt(0));
    const argument = untyped(node.argument);
    if (argument.type === "Identifier") {
      const name = this.#target(argument);
      const next = `${name} = ${RUNTIME}.name(${JSON.stringify(name)}, ${this.#runtime("binary", node, operator, name, "1")})`;
      return node.prefix ? `(${next})` : `${RUNTIME}.first(${name}, ${next})`;
    }
    if (argument.type !== "MemberExpression") throw this.#error(node, `${node.operator} needs a variable`);
    const change = `(${RUNTIME}Old) => ${this.#runtime("binary", node, operator, `${RUNTIME}Old`, "1")}`;
    const place = [this.expression(argument.object as Expression), this.#key(argument)];
    return this.#runtime("update", node, ...place, change, String(!node.prefix));
  }
}

function nameOf(node: Identifier | { type: "Literal"; value?: unknown }): string {
  return node.type === "Identifier" ? node.name : String(node.value);
}

function keyName(key: Expression): string {
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : "";
}

/** `[a, ,]` keeps its trailing hole. */
function trailingComma({ elements }: ArrayPattern): string {
  return elements.length > 0 && elements.at(-1) === null ? "," : "";
}

/** The declaration inside an export. */
function declarationOf(node: Statement | ModuleDeclaration): Statement | undefined {
  if (node.type === "ExportNamedDeclaration") return node.declaration ?? undefined;
  if (node.type !== "ExportDefaultDeclaration") return undefined;
  const { declaration } = node;
  return declaration.type === "FunctionDeclaration" && declaration.id
    ? (declaration as Statement)
    : undefined;
}
