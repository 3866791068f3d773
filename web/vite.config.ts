import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * Where each route is and how it answers, read off the contract while the console is built: what is typed there is not
 * retyped here, and the schemas, which only the gate needs, stay out of the browser.
 */
function contract(): Plugin {
  const name = "virtual:routes";
  return {
    name: "sallyport-contract",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: async (id) => {
      if (id !== `\0${name}`) return undefined;
      const { ROUTES } = await import("../src/contract/routes.ts");
      const table = Object.entries(ROUTES).map(([route, { method, path, response }]) => [route, { method, path, kind: response.kind }]);
      return `export default ${JSON.stringify(Object.fromEntries(table))};`;
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), contract()],
  build: { target: "es2023", sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 700, modulePreload: { polyfill: false } },
  server: { proxy: { "/v1": "http://127.0.0.1:7700" } },
});
