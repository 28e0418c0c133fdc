import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/spectral-mesh.ts'],
  format: ['esm'],
  dts: false,
  target: 'node20',
  sourcemap: true,
  clean: true,
});
