import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../src/arguments.js';
import { CliError } from '../src/errors.js';
import { FLAGS } from '../src/flags.js';

function valuesOf(...argv: string[]): Record<string, string> {
  const request = parseArguments(argv);
  if (request.kind !== 'run') throw new Error(`it is a request for ${request.kind}`);
  return Object.fromEntries(request.values);
}

function refusal(...argv: string[]): string {
  try {
    parseArguments(argv);
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).exitCode).toBe(2);
    return (error as CliError).message;
  }
  throw new Error('it was accepted');
}

describe('flags', () => {
  it.each(FLAGS.filter(({ kind, name }) => kind !== 'boolean' && name))(
    '-$name takes a value in every spelling',
    ({ name }) => {
      for (const argv of [[`-${name}`, 'v'], [`--${name}`, 'v'], [`-${name}=v`], [`--${name}=v`]]) {
        expect(valuesOf(...argv)).toEqual({ [name]: 'v' });
      }
    },
  );

  it.each(FLAGS.filter(({ kind, name }) => kind === 'boolean' && name !== 'version'))(
    '-$name is a switch',
    ({ name }) => {
      expect(valuesOf(`-${name}`)).toEqual({ [name]: 'true' });
      expect(valuesOf(`--${name}`)).toEqual({ [name]: 'true' });
      expect(valuesOf(`-${name}=false`)).toEqual({ [name]: 'false' });
      expect(valuesOf(`--${name}=false`)).toEqual({ [name]: 'false' });
    },
  );

  it('knows -version, and -version=false', () => {
    expect(parseArguments(['-version']).kind).toBe('version');
    expect(parseArguments(['--version', '-log-level', 'warn']).kind).toBe('version');
    expect(parseArguments(['-version=false']).kind).toBe('run');
  });

  it('takes the last of a repeated flag', () => {
    expect(valuesOf('-policy', 'a', '--policy=b')).toEqual({ policy: 'b' });
  });

  it('takes any text as a value', () => {
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !/^--?[a-z]/.test(text));
    fc.assert(
      fc.property(value, fc.boolean(), fc.constantFrom('-', '--'), (text, joined, dash) => {
        const argv = joined ? [`${dash}policy=${text}`] : [`${dash}policy`, text];
        expect(valuesOf(...argv, '-log-level=warn')).toEqual({ policy: text, 'log-level': 'warn' });
      }),
    );
  });

  it('refuses unknown flags, with a suggestion when one is close', () => {
    expect(refusal('-polcy', 'x')).toBe(
      "unknown flag -polcy; did you mean -policy? 'spectral-mesh --help' lists them all",
    );
    expect(refusal('--log-levle=debug')).toContain('did you mean -log-level?');
    expect(refusal('-q')).toBe("unknown flag -q; 'spectral-mesh --help' lists them all");
  });

  it('does not print what an unknown flag was set to', () => {
    expect(refusal('--api-token=SAMPLE-SECRET-made-up')).not.toContain('SAMPLE');
  });

  it('says what is missing', () => {
    expect(refusal('-policy')).toBe('flag -policy needs a value: FILE');
    expect(refusal('-policy', '-k8s-enrich')).toContain('write -policy=-k8s-enrich if that is the value');
    expect(refusal('-k8s-enrich', 'false')).toContain("unexpected argument 'false'; a switch takes its value with '='");
    expect(refusal('scan-this')).toContain("unexpected argument 'scan-this'");
    expect(refusal('completion')).toContain("missing required argument 'shell'");
    expect(refusal('completion', 'csh')).toBe("completion: no script for 'csh'; one of bash, zsh, fish");
  });

  it('never crashes on any command line', () => {
    const token = fc.oneof(
      fc.string(),
      fc.constantFrom('-', '--', '---', '-=', '--=', '-h', 'completion', '-version'),
      fc.constantFrom(...FLAGS.map(({ name }) => `-${name}`)),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), (argv) => {
        try {
          parseArguments(argv);
        } catch (error) {
          expect(error).toBeInstanceOf(CliError);
        }
      }),
    );
  });
});

describe('help', () => {
  const request = parseArguments(['-help']);
  const text = request.kind === 'help' ? request.text : '';

  it('comes with every spelling', () => {
    for (const spelling of ['-h', '--help', '-help']) expect(parseArguments([spelling]).kind).toBe('help');
  });

  it('names every flag under its topic', () => {
    for (const { name, topic } of FLAGS) {
      const section = text.split(`\n${topic}:\n`)[1]?.split(/\n\n/)[0];
      expect(section, topic).toContain(`--${name} `);
    }
  });

  it('tells of the environment, the signals and every exit code', () => {
    for (const word of ['LOG_LEVEL', 'HOST_PROC', 'NODE_NAME', 'SIGHUP', 'SIGTERM']) expect(text).toContain(word);
    for (let code = 0; code <= 7; code++) expect(text).toMatch(new RegExp(`^ {2}${code} {2}\\S`, 'm'));
  });
});
