/** Somebody sets the clock of a running gate: nothing that ended comes back, and what runs ends when its time has passed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { startEstate, type Estate } from "../kit/estate.ts";
import { JumpingClock } from "../kit/jumping-clock.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const DAY_MS = 86_400_000;
const sshd = requirePeer("OpenSSH server", "sshd");

/** `ssh` that stays until it is cut. */
async function startStaying(estate: Estate) {
  const child = spawn("ssh", [...estate.sshArgs("ana", "-o", "BatchMode=yes"), "web-1.prod@127.0.0.1", "echo begun; sleep 60"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  return { ended, said: () => said };
}

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("the wall clock is set"), () => {
  test("a day forward: grants end for good, and going back revives nothing", async () => {
    const clock = new JumpingClock();
    await using estate = await startEstate({ clock });
    const { gate } = estate.test;
    const grant = await estate.grant();
    const staying = await startStaying(estate);
    const jumped = performance.now();
    clock.jump(DAY_MS);
    await staying.ended;
    console.log(`gate-clock: cut ${Math.round(performance.now() - jumped)} ms after the clock was set forward`);
    expect(performance.now() - jumped).toBeLessThan(1_000);
    expect(staying.said()).toContain("[grant-ended]");
    await until(async () => (await gate.store.access.findGrant(grant.id))?.state === "ended");

    clock.jump(-DAY_MS);
    expect(await gate.store.access.findGrant(grant.id)).toMatchObject({ state: "ended", endedHow: "expired" });
    const refused = await estate.ssh(["true"]);
    expect(refused).toMatchObject({ status: 255 });
    expect(refused.stderr.toString()).toContain("[clock-behind]");
    expect(estate.test.faults).toEqual([]);
  });

  test("a day back: no session opens, and what runs ends by elapsed time", async () => {
    const clock = new JumpingClock();
    await using estate = await startEstate({ clock });
    const { gate } = estate.test;
    await estate.grant({ durationMs: 4_000 });
    const granted = performance.now();
    const staying = await startStaying(estate);
    clock.jump(-DAY_MS);
    const refused = await estate.ssh(["true"]);
    expect(refused).toMatchObject({ status: 255 });
    expect(refused.stderr.toString()).toContain("[clock-behind]");
    await until(async () => (await gate.store.log.query({ kinds: ["gate.clock-behind"], limit: 2 })).length === 1);
    await staying.ended;
    const lived = performance.now() - granted;
    console.log(`gate-clock: a grant of 4 s was cut after ${Math.round(lived)} ms with the clock a day back`);
    expect(staying.said()).toContain("[grant-ended]");
    expect(lived).toBeGreaterThan(3_500);
    expect(lived).toBeLessThan(5_000);

    // The right time again: the grant stays ended, and its holder may ask anew.
    clock.jump(DAY_MS);
    expect((await estate.ssh(["true"])).stderr.toString()).toContain("[no-grant]");
    await estate.grant();
    expect(await estate.ssh(["true"])).toMatchObject({ status: 0 });
    expect(estate.test.faults).toEqual([]);
  });
});
