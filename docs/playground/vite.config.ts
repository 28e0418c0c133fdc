import { defineConfig } from 'vite';

// Relative addresses: the built page works from any folder of any server.
export default defineConfig({ root: import.meta.dirname, base: './', build: { target: 'es2022' } });
