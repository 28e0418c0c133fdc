#!/usr/bin/env node
// In git, so that npm can link it before anything is built.
import '../dist/spectral-capture-demo.js';
