/**
 * The console's own files: read once, kept in memory, given to anybody, since they say nothing of this gate.
 *
 * Invariants: only files that were there at the start are given out, by their exact paths, so that no path can climb; scripts
 * are the gate's own files and nothing inline; no page of another site frames the console.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { FastifyReply, FastifyRequest } from "fastify";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

/**
 * `wasm-unsafe-eval`: the replay's terminal is WebAssembly; it lets no text become a script. Styles: terminals make theirs
 * while they run, and a style can fetch nothing from elsewhere here. Trusted types: text becomes markup nowhere but in the
 * replay's player, whose own templates pass a policy that web/vite.config.ts gives it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types player-templates",
].join("; ");

/** What the build made of a file beside it (scripts/build-web.ts), the smallest first. */
const ENCODINGS = { br: ".br", gzip: ".gz" } as const;

type Encoding = keyof typeof ENCODINGS;

interface ConsoleFile {
  readonly type: string;
  readonly etag: string;
  /** Its name says what is in it, so that it never changes. */
  readonly immutable: boolean;
  readonly identity: Buffer;
  readonly encoded: Readonly<Partial<Record<Encoding, Buffer>>>;
}

export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

/** Of a folder made by the console's build; a folder that is not there gives none. */
export function readConsoleFiles(folder: string): ConsoleFiles {
  const files = globSync("**/*", { cwd: folder, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files.flatMap(({ parentPath, name }): [string, ConsoleFile][] => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const path = join(parentPath, name);
      const url = path.slice(folder.length).replaceAll("\\", "/").replace(/^\/*/, "/");
      const identity = readFileSync(path);
      const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
      const encoded = Object.fromEntries(
        Object.entries(ENCODINGS)
          .filter(([, ending]) => existsSync(path + ending))
          .map(([encoding, ending]) => [encoding, readFileSync(path + ending)]),
      );
      return [[url, { type, etag, immutable: url.startsWith("/assets/"), identity, encoded }]];
    }),
  );
}

/** Names of targets may look like a file's: `/terminal/web-1.prod`. What is no page is an asset, or a file at the root. */
function isPage(path: string): boolean {
  return !path.startsWith("/assets/") && (extname(path) === "" || path.lastIndexOf("/") > 0);
}

/** Every page of the console is the one document; which page it shows is told by its address. */
export function answerConsole(files: ConsoleFiles, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const [path = "/"] = request.url.split("?");
  const file = files.get(path) ?? (isPage(path) ? files.get("/index.html") : undefined);
  if (file === undefined) return undefined;
  void reply.headers({
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "x-frame-options": "DENY",
    "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag: file.etag,
    vary: "accept-encoding",
  });
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  const accepted = new Set((request.headers["accept-encoding"] ?? "").split(",").map((each) => each.split(";")[0]?.trim()));
  for (const encoding of Object.keys(ENCODINGS) as Encoding[]) {
    const bytes = file.encoded[encoding];
    if (bytes && accepted.has(encoding)) return reply.type(file.type).header("content-encoding", encoding).send(bytes);
  }
  return reply.type(file.type).send(file.identity);
}
