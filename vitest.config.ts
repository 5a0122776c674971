import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Property-based tests on a busy machine; a test that needs more than a few seconds is too large.
    testTimeout: 30_000,
    maxWorkers: 2,
    setupFiles: "test/setup.ts",
  },
});
