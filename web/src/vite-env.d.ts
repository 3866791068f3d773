/// <reference types="vite/client" />

/** Made by vite.config.ts; `api/routes.ts` says what it is. */
declare module "virtual:routes" {
  const routes: unknown;
  export default routes;
}
