// Reads C2PA credentials with @trustnxt/c2pa-ts, which shares no code with the library that wrote
// them: node independent_reader.mjs MODULES MEDIA [SIDECAR].  Prints one JSON object.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [modules, mediaPath, sidecarPath] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${modules}/node_modules/@trustnxt/c2pa-ts/dist/${name}/index.js`));
const [{ BMFF }, { SuperBox }, { ManifestStore }] = await Promise.all(['asset', 'jumbf', 'manifest'].map(load));

// It lists only the brands of HEIC pictures; boxes of movies are the same.
for (const brand of ['qt  ', 'isom', 'iso2', 'mp41', 'mp42', 'avc1']) BMFF.canReadBrands.add(brand);

// Media of any other format: their bytes, and nothing left out of them.
const plain = (bytes) => ({
  mimeType: 'application/octet-stream',
  getDataLength: () => bytes.length,
  getDataRange: async (start = 0, length) => bytes.subarray(start, length === undefined ? undefined : start + length),
  getHashExclusionRange: () => ({ start: 0, length: 0 }),
});

const media = await readFile(mediaPath);
const asset = sidecarPath ? plain(media) : new BMFF(media);
const store = sidecarPath ? await readFile(sidecarPath) : asset.getManifestJUMBF();
const manifests = ManifestStore.read(SuperBox.fromBuffer(store));
const active = manifests.getActiveManifest();
const result = await manifests.validate(asset);
console.log(JSON.stringify({
  valid: result.isValid,
  codes: result.statusEntries.map((entry) => `${entry.success ? 'ok' : 'FAULT'} ${entry.code}`),
  assertions: active.assertions.assertions.map((one) => one.fullLabel),
}));
