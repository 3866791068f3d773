// Loaded before each script (`node -r`): an old Node cannot even read the .ts files, and its own message does not say what to do.
const major = Number(process.versions.node.split(".")[0]);
if (!(major >= 24)) {
  process.stderr.write(
    `Node 24 or newer is needed; this is ${process.version} (${process.execPath}).\n` +
      "On Linux (x64, arm64) `npm ci` brings the right one along; elsewhere install Node 24 from https://nodejs.org.\n",
  );
  process.exit(1);
}
