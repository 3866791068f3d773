/**
 * The production of the demo: a checkout service on two hosts. Release 412 lowered its pool to two workers, so that
 * payments time out. The same content is on a real host and on a simulated one, and putting the pool right heals it.
 */
export const HOST_NAMES = ["web-1.prod", "web-2.prod"] as const;
export type HostName = (typeof HOST_NAMES)[number];

const MINUTE_MS = 60_000;
const DEPLOYED_BEFORE_MS = 18 * MINUTE_MS;
/** Below this many workers payments wait for one until they time out. */
export const ENOUGH_WORKERS = 16;

const CONF = (release: number, workers: number): string => `# checkout, release ${release}
listen  = 127.0.0.1:8080
workers = ${workers}
timeout = 5s
`;

/** Path → content, as it stands when the demo starts. */
export function productionFiles(host: HostName, now: number): Readonly<Record<string, string>> {
  return {
    "etc/checkout.conf": CONF(412, 2),
    "etc/checkout.conf.release-411": CONF(411, 32),
    "log/checkout.log": history(host, now),
    "log/deploy.log": `${stamp(now - DEPLOYED_BEFORE_MS)} release 412 by ci: etc/checkout.conf changed\n`,
  };
}

export function errorLine(time: string, workers: string, waiting: string): string {
  return `${time} ERROR POST /pay 504: no free worker within 5 s (${workers} workers, ${waiting} waiting)`;
}

export function okLine(time: string, tookMs: string): string {
  return `${time} info  POST /pay 200 in ${tookMs} ms`;
}

export function stamp(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function history(host: HostName, now: number): string {
  const lines: string[] = [];
  const deployed = now - DEPLOYED_BEFORE_MS;
  for (let at = deployed - 12 * MINUTE_MS, n = 0; at < deployed; at += 20_000, n += 1)
    lines.push(okLine(stamp(at), String(61 + ((n * 37) % 58))));
  lines.push(`${stamp(deployed)} info  ${host}: started release 412, etc/checkout.conf read: 2 workers`);
  for (let at = deployed + 20_000, n = 0; at < now; at += 15_000, n += 1) {
    lines.push(n % 4 === 3 ? okLine(stamp(at), String(4400 + ((n * 83) % 500))) : errorLine(stamp(at), "2", String(7 + n)));
  }
  return `${lines.join("\n")}\n`;
}

/** How many workers a configuration names. */
export function workersOf(conf: string): number {
  return Number(/^workers *= *(\d+)/m.exec(conf)?.[1] ?? 0);
}

/** The service itself, for a real host: a payment every second, for as long as the process `$1` runs. */
export const SERVICE_SCRIPT = `#!/bin/sh
# checkout: every second a payment, which needs a free worker. Reads its configuration again each time.
cd "$(dirname "$0")/.." || exit 1
waiting=78
while [ -d log ] && kill -0 "$1" 2>/dev/null; do
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  workers=$(sed -n 's/^workers *= *//p' etc/checkout.conf)
  if [ "\${workers:-0}" -lt ${ENOUGH_WORKERS} ]; then
    waiting=$((waiting + 1))
    echo "${errorLine("$now", "$workers", "$waiting")}"
  else
    waiting=0
    echo "${okLine("$now", "7$((workers % 10))")}"
  fi >>log/checkout.log
  sleep 1
done
`;
