#!/usr/bin/env node
// In git, so that it is there when npm links commands: an installation comes before the first build.
import '../dist/spectral-mesh.js';
