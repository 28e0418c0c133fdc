import { runDemo } from './capture-demo.js';

const { stdout, stderr, env } = process;
process.exitCode = await runDemo(process.argv.slice(2), { stdout, stderr, env });
