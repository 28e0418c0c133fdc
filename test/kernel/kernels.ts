/**
 * Debian's kernels, by apt with a configuration and a cache of its own: nothing of this machine's packages changes.
 *
 *   .cache/kernels/apt/        sources, package lists, packages while they are unpacked
 *   .cache/kernels/6.12/       vmlinuz, and the name of the package that it came from
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Source {
  readonly suite: string;
  readonly package: RegExp;
}

/** The cloud flavour: small, no modules needed for what the tests do. */
export const KERNELS: Readonly<Record<string, Source>> = {
  '5.10': { suite: 'bullseye', package: /^linux-image-5\.10\.\d+-\d+-cloud-amd64$/ },
  '6.1': { suite: 'bookworm', package: /^linux-image-6\.1\.\d+-\d+-cloud-amd64$/ },
  '6.12': { suite: 'bookworm-backports', package: /^linux-image-6\.12\.\d+\+\S+-cloud-amd64$/ },
  '7.2': { suite: 'sid', package: /^linux-binary-unsigned-7\.2\.\d+\+\S+-cloud-amd64$/ },
};

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

export interface Kernel {
  readonly image: string;
  /** The Debian package that it came from. */
  readonly origin: string;
}

/** The mirror that this machine's own apt uses, or `SPECTRAL_DEBIAN_MIRROR` where that is not Debian's. */
function mirror(): string {
  if (process.env.SPECTRAL_DEBIAN_MIRROR) return process.env.SPECTRAL_DEBIAN_MIRROR;
  const format = ['--format', '$(LABEL)|$(REPO_URI)', 'Created-By: Packages'];
  const targets = execFileSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' }).split('\n');
  const uri = targets.find((line) => line.startsWith('Debian|'))?.split('|')[1];
  if (!uri) throw new Error('apt knows no Debian mirror here: name one in SPECTRAL_DEBIAN_MIRROR');
  return uri;
}

/** Packages of one suite and architecture, without anything being installed. */
export class Apt {
  private readonly config: string;

  /** @param deadline when to give up, as `performance.now()` tells the time */
  constructor(
    private readonly directory: string,
    private readonly deadline: number,
    architecture: 'amd64' | 'arm64' = 'amd64',
  ) {
    for (const path of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(directory, path), { recursive: true });
    this.config = join(directory, 'apt.conf');
    writeFileSync(
      this.config,
      [
        `Dir::State "${directory}/state";`,
        'Dir::State::status "/dev/null";',
        `Dir::Cache "${directory}/cache";`,
        `Dir::Etc::SourceList "${directory}/sources.list";`,
        'Dir::Etc::SourceParts "/dev/null";',
        'Dir::Etc::Preferences "/dev/null";',
        'Dir::Etc::PreferencesParts "/dev/null";',
        `APT::Architecture "${architecture}";`,
        `APT::Architectures { "${architecture}"; };`,
        'APT::Sandbox::User "";',
        'Acquire::Languages "none";',
        'Acquire::Retries "2";',
        'Acquire::http::Timeout "20";',
        '',
      ].join('\n'),
    );
  }

  private run(program: string, args: readonly string[]): string {
    const timeout = Math.ceil(this.deadline - performance.now());
    if (timeout <= 0) throw new Error(`no time was left for ${program} ${args.join(' ')}`);
    const env = { ...process.env, APT_CONFIG: this.config, LC_ALL: 'C' };
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return execFileSync(program, args, {
      cwd: this.directory,
      env,
      stdio: [...stdio],
      encoding: 'utf8',
      timeout,
      maxBuffer: 2 ** 26,
    });
  }

  /** Loads the suite's package lists. */
  use(suite: string): void {
    const signed = existsSync(KEYRING) ? ` [signed-by=${KEYRING}]` : '';
    writeFileSync(join(this.directory, 'sources.list'), `deb${signed} ${mirror()} ${suite} main\n`);
    this.run('apt-get', ['-qq', '-o', 'APT::Update::Error-Mode=any', 'update']);
  }

  /** Names of packages, oldest first. */
  find(name: RegExp): string[] {
    const names = this.run('apt-cache', ['pkgnames', 'linux-']).split('\n');
    return names.filter((one) => name.test(one)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  /** Downloads packages, checked against the suite's signature, and unpacks all that is in them into `target`. */
  unpack(names: readonly string[], target: string): void {
    this.run('apt-get', ['-qq', 'download', ...names]);
    for (const file of readdirSync(this.directory).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg-deb', ['-x', file, target], { cwd: this.directory, stdio: 'pipe' });
      rmSync(join(this.directory, file));
    }
  }

  /** Downloads a package, checked against the suite's signature, and unpacks the kernel image out of it. */
  unpackImage(name: string, target: string): void {
    const clear = () => {
      for (const file of readdirSync(this.directory)) if (file.endsWith('.deb')) rmSync(join(this.directory, file));
      rmSync(join(this.directory, 'unpacked'), { recursive: true, force: true });
    };
    clear();
    this.run('apt-get', ['-qq', 'download', name]);
    const deb = readdirSync(this.directory).find((file) => file.endsWith('.deb'))!;
    mkdirSync(join(this.directory, 'unpacked'));
    // In /boot; since 7 below /usr/lib/modules.
    const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', deb], { cwd: this.directory, maxBuffer: 2 ** 30 });
    execFileSync('tar', ['-x', '-C', 'unpacked', '--wildcards', '--no-anchored', 'vmlinuz*'], {
      cwd: this.directory,
      input: tar,
    });
    const found = readdirSync(join(this.directory, 'unpacked'), { recursive: true, encoding: 'utf8' });
    const image = found.find((path) => /(^|\/)vmlinuz[^/]*$/.test(path));
    if (!image) throw new Error(`${name} holds no kernel image`);
    renameSync(join(this.directory, 'unpacked', image), target);
    clear();
  }
}

/**
 * The image of a kernel of `KERNELS`; downloaded when it is not in the cache.
 * @param seconds longest time for a download
 * @throws if it cannot be had
 */
export function fetchKernel(name: string, cache: string, seconds: number): Kernel {
  const directory = join(cache, name);
  const image = join(directory, 'vmlinuz');
  const origin = join(directory, 'package');
  if (!existsSync(origin)) {
    const source = KERNELS[name]!;
    const apt = new Apt(join(cache, 'apt'), performance.now() + seconds * 1000);
    apt.use(source.suite);
    const newest = apt.find(source.package).at(-1);
    if (!newest) throw new Error(`no package in ${source.suite} is named like ${source.package}`);
    mkdirSync(directory, { recursive: true });
    apt.unpackImage(newest, image);
    writeFileSync(origin, newest);
  }
  return { image, origin: readFileSync(origin, 'utf8') };
}
