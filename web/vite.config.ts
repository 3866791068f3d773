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

/**
 * asciinema-player makes its elements from templates by `innerHTML`, which the console's policy refuses. They are constants of
 * its own; here they get a policy of trusted types that nothing else can name, so that the rest stays refused. An update of
 * the player that looks different ends the build.
 */
function playerTemplates(): Plugin {
  const places = ["t.innerHTML = html;", "symbol.innerHTML = content;"];
  return {
    name: "sallyport-player-templates",
    enforce: "pre",
    transform: (code, id) => {
      if (!/asciinema-player\/dist\/opts-[^/]*\.js$/.test(id)) return undefined;
      if (code.split(".innerHTML").length !== places.length + 1) throw new Error("asciinema-player makes its elements differently now");
      const changed = places.reduce((text, place) => {
        if (!text.includes(place)) throw new Error(`asciinema-player has no "${place}" any more`);
        return text.replace(place, place.replace(/= (\w+);/, "= templates.createHTML($1);"));
      }, code);
      const policy =
        'const templates = globalThis.trustedTypes?.createPolicy("player-templates", { createHTML: (text) => text }) ?? { createHTML: (text) => text };';
      return { code: `${policy}\n${changed}`, map: null };
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), contract(), playerTemplates()],
  optimizeDeps: { exclude: ["asciinema-player"] },
  build: { target: "es2023", sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 700, modulePreload: { polyfill: false } },
  server: { proxy: { "/v1": "http://127.0.0.1:7700" } },
});
