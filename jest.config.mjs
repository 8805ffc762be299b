/** Tests run from TypeScript, which swc turns into CommonJS: TypeScript 7 has no interface for ts-jest. */

/** Packages that are ES modules only; Jest's CommonJS cannot load them as they are. */
const esModules = ["@noble", "@scure", "age-encryption", "cctv-age"]

export default {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testTimeout: 30_000,
  maxWorkers: 2,
  moduleFileExtensions: ["ts", "mjs", "cjs", "js", "json", "node"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.build/", "<rootDir>/.sotto/"],
  transform: {
    "\\.[cm]?[jt]s$": [
      "@swc/jest",
      {
        swcrc: false,
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join("|")})/)`],
  watchman: false,
  globalSetup: "<rootDir>/test/support/global-setup.ts",
  globalTeardown: "<rootDir>/test/support/global-teardown.ts",
  reporters: ["default", "<rootDir>/test/support/reporter.mjs"],
}
