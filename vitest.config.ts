import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Property-based tests on a busy machine; a test that needs more than a few seconds is too large.
    testTimeout: 30_000,
    maxWorkers: 2,
    setupFiles: "test/setup.ts",
    // Texts are compared as they are without colours, wherever the tests run: a set CI would colour them.
    env: { NO_COLOR: "1", FORCE_COLOR: "" },
  },
});
