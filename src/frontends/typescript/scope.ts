/** Which names a piece of syntax declares. */

import type { AnyNode, Pattern } from "acorn";

/** Whether a node is JavaScript; TypeScript's own nodes carry types only (enums apart). */
export function isNode(node: { readonly type: string }): boolean {
  return !node.type.startsWith("TS") || node.type === "TSEnumDeclaration";
}

/** The names that a pattern binds, in order. */
export function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "RestElement" ? property.argument : property.value),
      );
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "RestElement":
      return boundNames(pattern.argument);
    default:
      return [];
  }
}

/** The variables that a statement declares in its block; `var` of nested statements included, those of nested functions not. */
export function variableNames(node: AnyNode): string[] {
  if (node.type === "VariableDeclaration")
    return (node as { declare?: boolean }).declare
      ? []
      : node.declarations.flatMap(({ id }) => boundNames(id));
  return nestedVariables(node);
}

function nestedVariables(node: AnyNode): string[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.kind === "var" ? variableNames(node) : [];
    case "BlockStatement":
      return node.body.flatMap(nestedVariables);
    case "IfStatement":
      return [node.consequent, ...(node.alternate ? [node.alternate] : [])].flatMap(nestedVariables);
    case "ForStatement":
      return [...(node.init ? [node.init] : []), node.body].flatMap(nestedVariables);
    case "ForOfStatement":
    case "ForInStatement":
      return [node.left, node.body].flatMap(nestedVariables);
    case "WhileStatement":
    case "DoWhileStatement":
    case "LabeledStatement":
      return nestedVariables(node.body);
    case "SwitchStatement":
      return node.cases.flatMap(({ consequent }) => consequent.flatMap(nestedVariables));
    default:
      return [];
  }
}
