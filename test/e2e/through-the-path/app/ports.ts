/** Where the app listens, on all addresses. */
export const PORT = { web: 8080, grpc: 9090 } as const;
