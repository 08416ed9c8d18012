declare const brand: unique symbol;

/** A node within its own cluster, as k3d numbers them: `server-0`, `agent-3`. */
export type NodeName = string & { readonly [brand]: 'NodeName' };

const NODE_NAME = /^(?:server|agent)-(?:0|[1-9]\d?)$/;

/** The node name in `text`, or undefined where it is none. */
export function parseNodeName(text: string): NodeName | undefined {
  return NODE_NAME.test(text) ? (text as NodeName) : undefined;
}
