/** Every page: where it is, what it is called, who sees it in the navigation. A page is a file of `pages/`, loaded when it is opened. */
import { Activity, FileSearch, Gauge, House, KeyRound, ListChecks, ScrollText, ShieldCheck, type LucideIcon } from "lucide-react";
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import type { Result } from "../api/client.ts";

export type Status = Result<"status.show">;
export type Permission = Status["me"]["permissions"][number];

export interface Place {
  readonly path: string;
  readonly page: LazyExoticComponent<ComponentType>;
}

/** `path` in the navigation; pages below it keep it marked. */
export interface NavigationEntry {
  readonly path: string;
  readonly name: string;
  readonly icon: LucideIcon;
  /** `g` and this letter go there. */
  readonly key: string;
  /** Absent: everybody's. Otherwise any of these, or that something waits there. */
  readonly needs?: readonly Permission[];
  /** How many wait there for the person. */
  readonly waiting?: (status: Status) => number;
}

const page = (load: () => Promise<{ default: ComponentType }>): LazyExoticComponent<ComponentType> => lazy(load);

export const PLACES: readonly Place[] = [
  { path: "/", page: page(() => import("../pages/home/home.tsx")) },
  { path: "/request", page: page(() => import("../pages/request/request.tsx")) },
  { path: "/setup", page: page(() => import("../pages/setup/setup.tsx")) },
  { path: "/login/device", page: page(() => import("../pages/device/device.tsx")) },
  { path: "/account", page: page(() => import("../pages/account/account.tsx")) },
  { path: "/approve/:id?", page: page(() => import("../pages/approve/approve.tsx")) },
  { path: "/requests/:id", page: page(() => import("../pages/requests/one-request.tsx")) },
  { path: "/audit", page: page(() => import("../pages/audit/audit.tsx")) },
  { path: "/audit/:seq", page: page(() => import("../pages/audit/entry.tsx")) },
  { path: "/live", page: page(() => import("../pages/live/live.tsx")) },
  { path: "/live/:id", page: page(() => import("../pages/watch/watch.tsx")) },
  { path: "/files/:target", page: page(() => import("../pages/files/files.tsx")) },
  { path: "/terminal/:target", page: page(() => import("../pages/terminal/terminal.tsx")) },
  { path: "/sessions", page: page(() => import("../pages/sessions/sessions.tsx")) },
  { path: "/sessions/:id", page: page(() => import("../pages/session/session.tsx")) },
  { path: "/access", page: page(() => import("../pages/access/now.tsx")) },
  { path: "/access/may", page: page(() => import("../pages/access/may.tsx")) },
  { path: "/access/why", page: page(() => import("../pages/access/why.tsx")) },
  { path: "/access/rules", page: page(() => import("../pages/access/rules.tsx")) },
  { path: "/access/check", page: page(() => import("../pages/access/check.tsx")) },
  { path: "/admin", page: page(() => import("../pages/admin/health.tsx")) },
  { path: "/admin/users", page: page(() => import("../pages/admin/users.tsx")) },
  { path: "/admin/users/:name", page: page(() => import("../pages/admin/user.tsx")) },
  { path: "/admin/tokens", page: page(() => import("../pages/admin/tokens.tsx")) },
  { path: "/admin/locks", page: page(() => import("../pages/admin/locks.tsx")) },
  { path: "/admin/targets", page: page(() => import("../pages/admin/targets.tsx")) },
  { path: "/admin/targets/:name", page: page(() => import("../pages/admin/target.tsx")) },
  { path: "/admin/configuration", page: page(() => import("../pages/admin/configuration.tsx")) },
  { path: "/admin/providers", page: page(() => import("../pages/admin/providers.tsx")) },
  { path: "/admin/use", page: page(() => import("../pages/admin/use.tsx")) },
];

export const NAVIGATION: readonly NavigationEntry[] = [
  { path: "/", name: "Home", icon: House, key: "h" },
  {
    path: "/approve",
    name: "Approve",
    icon: ListChecks,
    key: "a",
    waiting: ({ toApprove, toDecide, toReview }) => toApprove.length + toDecide.length + toReview.length,
  },
  { path: "/live", name: "Live", icon: Activity, key: "l", needs: ["session.read"], waiting: ({ toModerate }) => toModerate.length },
  { path: "/sessions", name: "Sessions", icon: FileSearch, key: "s" },
  { path: "/audit", name: "Audit", icon: ScrollText, key: "u", needs: ["audit.read"] },
  { path: "/access", name: "Access", icon: ShieldCheck, key: "c" },
  { path: "/admin", name: "Admin", icon: Gauge, key: "d", needs: ["gate.status", "config.read", "user.read", "lock.write"] },
  { path: "/account", name: "Account", icon: KeyRound, key: "m" },
];
