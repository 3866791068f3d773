import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Recorder } from "../../audit/recording/recorder.ts";
import { ChannelRecord } from "./channel-record.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function record(outputBytes: number, hashesInput = false) {
  const frames: string[] = [];
  const recorder = {
    output: (channel: number, stream: string, data: Buffer) => void frames.push(`${channel} ${stream} ${data.toString()}`),
    note: (type: string) => void frames.push(type),
  } as unknown as Recorder;
  return { frames, channel: new ChannelRecord(recorder, 3, { outputBytes, hashesInput }) };
}

describe("ChannelRecord", () => {
  test("whole: everything as it is, no hash", () => {
    const { frames, channel } = record(Infinity);
    channel.output("stdout", Buffer.from("out"));
    channel.output("stderr", Buffer.from("err"));
    expect(frames).toEqual(["3 stdout out", "3 stderr err"]);
    expect(channel.digests()).toEqual({});
  });

  test("head: the first bytes of both streams together, a mark, and hashes of all", () => {
    const { frames, channel } = record(5);
    channel.output("stdout", Buffer.from("out"));
    channel.output("stderr", Buffer.from("error"));
    channel.output("stdout", Buffer.from("more"));
    expect(frames).toEqual(["3 stdout out", "3 stderr er", "marker"]);
    expect(channel.digests()).toEqual({ hashOut: sha256("outmore"), hashError: sha256("error") });
  });

  test("hash: no output; of input only where it is files", () => {
    const { frames, channel } = record(0, true);
    channel.input(Buffer.from("file"));
    channel.output("stdout", Buffer.from("out"));
    expect(frames).toEqual([]);
    expect(channel.digests()).toEqual({ hashIn: sha256("file"), hashOut: sha256("out"), hashError: sha256("") });
    const other = record(0).channel;
    other.input(Buffer.from("a typed password"));
    expect(other.digests()).not.toHaveProperty("hashIn");
  });
});
