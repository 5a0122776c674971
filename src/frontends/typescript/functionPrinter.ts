/** Functions and patterns as JavaScript: what a function takes, and what assignments and declarations take apart. */

import type {
  ArrayPattern,
  Expression,
  Function as FunctionNode,
  MemberExpression,
  ObjectPattern,
  Pattern,
  Statement,
} from "acorn";
import { Names, RUNTIME } from "./names.ts";
import { boundNames } from "./scope.ts";
import type { FunctionSyntax, TypedExpression } from "./syntax.ts";

/** Why async functions and generators are refused. */
export const noGenerator = "async functions and generators are not supported: write an ordinary function";

/** Prints functions and patterns; what prints expressions and statements completes it. */
export abstract class FunctionPrinter extends Names {
  /** An expression as JavaScript that can stand as an operand or argument anywhere. */
  abstract expression(given: Expression | TypedExpression): string;

  /** The statements of a function's body, whose names are declared. */
  protected abstract statements(body: readonly Statement[]): string;

  // --- Functions

  protected noted(node: FunctionNode, code: string): string {
    const index = this.registry.functions.push({ of: this.of, node: node as FunctionSyntax }) - 1;
    return `${RUNTIME}.fn(${index}, ${code})`;
  }

  protected functionExpression(node: FunctionNode, kind: "function" | "method"): string {
    if (node.async || node.generator)
      return this.noted(node, `(() => ${this.unsupported(node, noGenerator)})`);
    return this.scoped(() => {
      if (node.id) this.declare(node.id);
      const isFunction = kind === "function" && node.id;
      const text = isFunction
        ? `function ${node.id?.name}${this.parametersAndBody(node, "")}`
        : this.parametersAndBody(node, " =>");
      return this.noted(node, `(${text})`);
    });
  }

  protected parametersAndBody(node: FunctionNode, arrow: string): string {
    return this.scoped(() => {
      const params = node.params.filter((param) => param.type !== "Identifier" || param.name !== "this");
      for (const param of params) this.declareNames(boundNames(param), param);
      const { body } = node;
      if (body.type === "BlockStatement") this.declareAll(body.body);
      const parameters = params.map((param) => this.pattern(param)).join(", ");
      const step = `${RUNTIME}.step(${this.site(node)});`;
      const code =
        body.type === "BlockStatement" ? this.statements(body.body) : `return ${this.expression(body)};`;
      return `(${parameters})${arrow} { ${step} ${code} }`;
    });
  }

  // --- Patterns

  /** A pattern of a declaration or of parameters. */
  protected pattern(node: Pattern): string {
    return this.printPattern(node, (leaf) => this.pattern(leaf));
  }

  /** A pattern that is assigned to: its leaves are references. */
  protected target(node: Pattern): string {
    if (node.type === "Identifier") {
      if (this.lookup(node.name)?.kind === "value") return node.name;
      throw this.error(node, `${node.name} is not a variable of this source and cannot be assigned to`);
    }
    if (node.type !== "MemberExpression") return this.printPattern(node, (leaf) => this.target(leaf));
    const key = `${RUNTIME}.key(${this.site(node)}, ${this.key(node)})`;
    return `${this.expression(node.object as Expression)}[${key}]`;
  }

  protected printPattern(node: Pattern, leaf: (node: Pattern) => string): string {
    switch (node.type) {
      case "Identifier":
        return node.name;
      case "ArrayPattern":
        return `[${node.elements.map((element) => (element ? leaf(element) : "")).join(", ")}${trailingComma(node)}]`;
      case "ObjectPattern":
        return `{ ${node.properties.map((property) => this.patternProperty(property, leaf)).join(", ")} }`;
      case "AssignmentPattern":
        return `${leaf(node.left)} = ${this.expression(node.right)}`;
      case "RestElement":
        return `...${leaf(node.argument)}`;
      default:
        throw this.error(
          node,
          "this parameter or variable is not supported: write a name or a destructuring pattern",
        );
    }
  }

  protected patternProperty(
    property: ObjectPattern["properties"][number],
    leaf: (node: Pattern) => string,
  ): string {
    if (property.type === "RestElement") return `...${leaf(property.argument)}`;
    const { key, computed } = property;
    const site = () => this.site(key);
    const name = computed
      ? `${RUNTIME}.key(${site()}, ${this.expression(key)})`
      : `${RUNTIME}.key(${site()}, ${JSON.stringify(keyName(key))})`;
    return `[${name}]: ${leaf(property.value)}`;
  }

  protected key({ property, computed }: MemberExpression): string {
    return computed
      ? this.expression(property as Expression)
      : JSON.stringify(keyName(property as Expression));
  }
}

/** The name that a key is written with; empty for what is no name. */
export function keyName(key: Expression): string {
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : "";
}

/** `[a, ,]` keeps its trailing hole. */
function trailingComma({ elements }: ArrayPattern): string {
  return elements.length > 0 && elements.at(-1) === null ? "," : "";
}
