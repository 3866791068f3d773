import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "web/src/**/*.test.ts"],
          // A bound on what hangs, not on how long a busy machine takes.
          testTimeout: 30_000,
          // Modules hold no state of their own, so that files may share them: half the time.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "peers",
          // Nobody's own key store gets a login of a test.
          env: { SALLYPORT_KEY_STORE: "file" },
          include: ["test/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Each file starts real servers; two at once is what two cores carry.
          maxWorkers: 2,
        },
      },
    ],
  },
});
