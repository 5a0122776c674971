/** Statements as JavaScript: control flow stays, what decides it and what it runs over goes through the runtime. */

import type {
  BlockStatement,
  Expression,
  ForStatement,
  ModuleDeclaration,
  Pattern,
  Statement,
  VariableDeclaration,
  VariableDeclarator,
} from "acorn";
import { ExpressionPrinter } from "./expressionPrinter.ts";
import { noGenerator } from "./functionPrinter.ts";
import { RUNTIME } from "./names.ts";
import { boundNames, variableNames } from "./scope.ts";

/** Prints the statements of functions and modules. */
export class StatementPrinter extends ExpressionPrinter {
  protected block(node: BlockStatement, first = ""): string {
    return this.scoped(() => `{ ${first}${this.statements(node.body)} }`);
  }

  protected statements(body: readonly Statement[]): string {
    this.declareAll(body);
    return [this.hoisted(body), ...body.map((node) => this.statement(node))].join("\n");
  }

  /** Notes where the functions that a block declares were written, before anything can call them. */
  protected hoisted(body: readonly (Statement | ModuleDeclaration)[]): string {
    return body
      .filter((node) => node.type === "FunctionDeclaration")
      .map((node) => `${this.noted(node, node.id.name)};`)
      .join("\n");
  }

  protected statement(node: Statement | ModuleDeclaration): string {
    switch (node.type) {
      case "ExpressionStatement":
        return `${this.expression(node.expression)};`;
      case "VariableDeclaration":
        return this.variables(node);
      case "FunctionDeclaration":
        return this.functionDeclaration(node);
      case "ReturnStatement":
        return node.argument ? `return ${this.expression(node.argument)};` : "return;";
      case "IfStatement": {
        const otherwise = node.alternate ? ` else ${this.branch(node.alternate)}` : "";
        return `if (${this.test(node.test)}) ${this.branch(node.consequent)}${otherwise}`;
      }
      case "BlockStatement":
        return this.block(node);
      case "ForStatement":
        return this.scoped(() => this.for(node));
      case "ForOfStatement":
        if (node.await) return `${this.unsupported(node, noGenerator)};`;
        return this.scoped(() => this.forEach(node, "of"));
      case "ForInStatement":
        return this.scoped(() => this.forEach(node, "in"));
      case "WhileStatement":
        return `while (${this.test(node.test)}) ${this.loopBody(node.body)}`;
      case "DoWhileStatement":
        return `do ${this.loopBody(node.body)} while (${this.test(node.test)});`;
      case "SwitchStatement": {
        const cases = this.scoped(() => {
          this.declareAll(node.cases.flatMap(({ consequent }) => consequent));
          return node.cases.map(({ test, consequent }) => {
            const label = test ? `case ${this.test(test)}:` : "default:";
            return `${label} ${consequent.map((statement) => this.statement(statement)).join("\n")}`;
          });
        });
        return `switch (${this.test(node.discriminant)}) { ${cases.join("\n")} }`;
      }
      case "BreakStatement":
      case "ContinueStatement":
        return `${node.type === "BreakStatement" ? "break" : "continue"}${node.label ? ` ${node.label.name}` : ""};`;
      case "LabeledStatement":
        return `${node.label.name}: ${this.statement(node.body)}`;
      case "ThrowStatement":
        return `throw ${RUNTIME}.thrown(${this.site(node)}, ${this.expression(node.argument)});`;
      case "EmptyStatement":
      case "DebuggerStatement":
        return ";";
      case "ClassDeclaration":
        return "";
      case "TryStatement":
        return `${this.unsupported(node, "try is not supported: a traced function must not catch errors")};`;
      default:
        // Types, interfaces, overloads and `declare` leave nothing behind.
        return node.type.startsWith("TS")
          ? ""
          : `${this.unsupported(node, `${node.type} is not supported`)};`;
    }
  }

  protected branch(node: Statement): string {
    return node.type === "BlockStatement" ? this.block(node) : `{ ${this.statement(node)} }`;
  }

  protected loopBody(node: Statement): string {
    const step = `${RUNTIME}.step(${this.site(node)});`;
    return node.type === "BlockStatement" ? this.block(node, step) : `{ ${step} ${this.statement(node)} }`;
  }

  protected for({ init, test, update, body }: ForStatement): string {
    if (init?.type === "VariableDeclaration") this.declareNames(variableNames(init), init);
    const start =
      init?.type === "VariableDeclaration" ? this.declarations(init) : init ? this.expression(init) : "";
    const head = `${start}; ${test ? this.test(test) : ""}; ${update ? this.expression(update) : ""}`;
    return `for (${head}) ${this.loopBody(body)}`;
  }

  protected forEach(
    node: { left: VariableDeclaration | Pattern; right: Expression; body: Statement },
    kind: "of" | "in",
  ): string {
    const { left, right, body } = node;
    const items = this.siteOf(right, this.expression(right));
    if (left.type !== "VariableDeclaration")
      return `for (${this.target(left)} ${kind} ${items}) ${this.loopBody(body)}`;
    const id = left.declarations[0]?.id;
    if (id === undefined) throw this.error(left, "the loop has no variable");
    this.declareNames(boundNames(id), left);
    return `for (${left.kind} ${this.pattern(id)} ${kind} ${items}) ${this.loopBody(body)}`;
  }

  protected variables(node: VariableDeclaration): string {
    if ((node as { declare?: boolean }).declare) return "";
    const named = node.declarations
      .filter(({ id }) => id.type !== "Identifier")
      .flatMap(({ id }) => boundNames(id));
    const names = named.length > 0 ? ` ${RUNTIME}.names({ ${named.join(", ")} });` : "";
    return `${this.declarations(node)};${names}`;
  }

  protected declarations(node: VariableDeclaration): string {
    if (node.kind.endsWith("using")) throw this.error(node, "using is not supported: write const");
    return `${node.kind} ${node.declarations.map((declarator) => this.variable(declarator)).join(", ")}`;
  }

  protected variable({ id, init }: VariableDeclarator): string {
    if (!init) return this.pattern(id);
    const code = this.expression(init);
    return id.type === "Identifier"
      ? `${id.name} = ${this.named(id.name, init, code)}`
      : `${this.pattern(id)} = ${this.runtime("parts", init, code)}`;
  }

  protected functionDeclaration(node: Extract<Statement, { type: "FunctionDeclaration" }>): string {
    if (!node.body) return "";
    const { name } = node.id;
    if (node.async || node.generator)
      return `function ${name}() { ${this.unsupported(node, `${name}: ${noGenerator}`)}; }`;
    return `function ${name}${this.parametersAndBody(node, "")}`;
  }
}
