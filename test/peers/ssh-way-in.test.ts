/** From `ssh web-1.prod` without a grant to a prompt: how much a person types, and how long it takes beside the approver's own time. */
import { describe, expect, test } from "vitest";
import { startEstate } from "../kit/estate.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { Terminal } from "../kit/terminal.ts";

const ssh = requirePeer("OpenSSH client", "ssh");
const sshd = requirePeer("OpenSSH server", "sshd");

const MOST_INPUTS = 3;
const MOST_MS = 5000;

describe.skipIf(ssh.missing || sshd.missing)(sshd.title(ssh.title("ssh without a grant")), () => {
  test("asks, waits for `ssh gate approve`, and ends at a prompt", async () => {
    await using estate = await startEstate();
    const started = performance.now();
    await using ana = new Terminal(["ssh", ...estate.sshArgs("ana"), "web-1.prod@127.0.0.1"].join(" "));
    let inputs = 0;
    const answer = async (question: string, text: string): Promise<void> => {
      await ana.sees(question);
      ana.type(`${text}\r`);
      inputs += 1;
    };
    await answer("Reason: ", "checkout answers 504");
    await answer("For how long [1h]: ", "");
    await ana.sees("waiting for the answer");

    // The approver's time: from the moment the request is there until they have said yes.
    const asked = performance.now();
    const say = (...words: string[]) => run("ssh", [...estate.sshArgs("lea", "-o", "BatchMode=yes"), "gate@127.0.0.1", ...words]);
    const [id = ""] = /req-\w+/.exec((await say("requests")).stdout.toString()) ?? [];
    const approved = await say("approve", id);
    expect([approved.status, approved.stdout.toString()]).toEqual([0, expect.stringMatching(/^Approved: gr-/)]);
    const approverMs = performance.now() - asked;

    ana.type("echo in-$((6*7))\r");
    await ana.sees("in-42");
    const ownMs = performance.now() - started - approverMs;
    console.log(`way in: ${inputs} inputs, ${ownMs.toFixed(0)} ms besides the approver's ${approverMs.toFixed(0)} ms`);
    expect(inputs).toBeLessThanOrEqual(MOST_INPUTS);
    expect(ownMs).toBeLessThan(MOST_MS);
    ana.type("exit\r");
    expect((await ana.result())[0]).toBe(0);
  });
});
